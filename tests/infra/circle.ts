import type { Template } from './packaged.ts';

/**
 * Looks for resources that need each other, by `Ref`, `Fn::GetAtt`, `Fn::Sub` or `DependsOn`: CloudFormation refuses them.
 *
 * @returns their logical ids in the order of need, the first one again at the end; none when there is no circle
 */
export function circleIn({ Resources }: Template): string[] {
  const needs = (id: string): string[] => {
    const text = JSON.stringify(Resources[id]);
    const named = [
      ...text.matchAll(/"Ref":"(\w+)"|"Fn::GetAtt":\["(\w+)"|"DependsOn":(?:"(\w+)"|\[([^\]]*)\])/g),
      ...[...text.matchAll(/"Fn::Sub":"((?:[^"\\]|\\.)*)"/g)].flatMap(([, sub = '']) => [
        ...sub.matchAll(/\$\{(\w+)[.}]/g),
      ]),
    ];
    const ids = named.flatMap(([, ref, attribute, one, many]) => [
      ref,
      attribute,
      one,
      ...(many?.match(/\w+/g) ?? []),
    ]);
    return ids.filter((name): name is string => name !== undefined && name in Resources);
  };
  const clear = new Set<string>();
  const walk = (id: string, path: string[]): string[] => {
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    if (clear.has(id)) return [];
    for (const next of needs(id)) {
      const circle = walk(next, [...path, id]);
      if (circle.length > 0) return circle;
    }
    clear.add(id);
    return [];
  };
  return Object.keys(Resources)
    .map((id) => walk(id, []))
    .reduce((found, circle) => (found.length > 0 ? found : circle), []);
}
