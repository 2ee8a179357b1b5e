import { openTraceStore as open } from '../../pipeline/trace-store/open-trace-store.ts'
import type { TraceStore } from '../../pipeline/trace-store/trace-store.ts'
import { crossing } from './crossing.ts'

type Act = (table: string, ...rest: readonly unknown[]) => Promise<unknown>

/** The opener with points before and after each insert, in whatever form. */
export const openTraceStore = async (...options: Parameters<typeof open>): Promise<TraceStore> =>
  new Proxy(await open(...options), {
    get: (store, name) => {
      const member: unknown = Reflect.get(store, name)
      if (typeof member !== 'function' || !String(name).startsWith('insert')) return member
      const insert = member.bind(store) as Act
      return async (table: string, ...rest: readonly unknown[]) => {
        crossing(`before insert ${table}`)
        const answer = await insert(table, ...rest)
        crossing(`after insert ${table}`)
        return answer
      }
    },
  })
