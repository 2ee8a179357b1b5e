/** A command that has said itself what happened, and ends with a status of its own. */
export class CommandStatus extends Error {
  readonly status: number

  constructor(status: number) {
    super(`exit status ${status}`)
    this.status = status
  }
}
