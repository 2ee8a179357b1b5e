/** What the doctor found out about one thing. */
export interface Check {
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly detail: string
  /** What to do; empty where nothing is to be done. */
  readonly advice: string
}

export const ok = (name: string, detail: string): Check => ({
  name,
  status: 'ok',
  detail,
  advice: '',
})

export const warn = (name: string, detail: string, advice: string): Check => ({
  name,
  status: 'warn',
  detail,
  advice,
})

export const fail = (name: string, detail: string, advice: string): Check => ({
  name,
  status: 'fail',
  detail,
  advice,
})
