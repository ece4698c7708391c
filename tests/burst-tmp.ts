import { parseEnvironment } from '../lib/environment.ts';
import { guardRequest, startGuard, wordOf } from './support/guard.ts';
import { chance } from './support/random.ts';
const stand = await startGuard();
let call = 0; const seed = Date.now() % 1e6;
stand.table.choose = () => { call++; const r = chance(seed,'t',call); return r<0.3?'throttle':r<0.51?'lost_answer':undefined; };
const { timeout } = parseEnvironment({ SMSAERO_CONFIG_PATH: '/smsaero/test' }).guard;
const tally: Record<string, number> = {}; let skipped=0;
for (let b=0;b<300;b++){
  const request = guardRequest({ idempotency: { key: `burst ${b}`, remember: 60 } });
  const v = await Promise.all(Array.from({length:8}, async()=>{ const g=stand.guard({timeout, recipientInterval:30,addressPerHour:2000,blockPerHour:1000,totalPerHour:10000});
    const verdict = await g.ask({...request, number:`+7903${1000000+b*1000}`, deadline: Date.now()+2000});
    if(verdict.verdict==='send'){ if(verdict.skipped.length) skipped++; await verdict.complete({status:'accepted',messageId:'1',deliveryId:'x',segments:1}); }
    return wordOf(verdict)}));
  const sent=v.filter(x=>x==='send').length; tally[`sent ${sent}`]=(tally[`sent ${sent}`]??0)+1;
  for(const x of v) tally[x]=(tally[x]??0)+1;
}
console.log(seed,timeout,tally,'skipped',skipped,'calls',call);
await stand.close(); process.exit(0);
