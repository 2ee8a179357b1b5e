let current = 'http://127.0.0.1:4320'

/** Base URL of NeoSigma's API in this process. `register` sets it from `NEOSIGMA_API_URL`. */
export const apiUrl = (): string => current

export const setApiUrl = (url: string): void => {
  current = url.replace(/\/+$/, '')
}
