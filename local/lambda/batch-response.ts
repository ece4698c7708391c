/**
 * What a function's answer to a batch says of its records (Lambda Developer Guide, "Success and failure conditions" of
 * `ReportBatchItemFailures`).
 *
 * @param known the identifiers in the batch
 * @returns those that failed: none for an answer that is null, empty or of another shape, all for one that names none of them
 */
export function failedItems(response: unknown, known: readonly string[]): ReadonlySet<string> {
  const failures = (response as { batchItemFailures?: unknown } | null | undefined)?.batchItemFailures ?? [];
  const all = new Set(known);
  if (!Array.isArray(failures)) return all;
  const failed = failures.map((failure: { itemIdentifier?: unknown } | null) => failure?.itemIdentifier);
  return failed.every((id) => all.has(id as string)) ? new Set(failed as string[]) : all;
}
