/** A statistic of a stream as a fold: the state is data, the rules hold none. */
export interface Accumulator<Input, State, Result> {
  readonly initial: State
  readonly add: (state: State, input: Input) => State
  readonly result: (state: State) => Result
}
