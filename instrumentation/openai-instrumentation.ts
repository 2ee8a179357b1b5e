import { OpenAIInstrumentation } from '@opentelemetry/instrumentation-openai'

/**
 * OTel's own instrumentation of `openai`, also for the majors that came after its declared range (below 7): the methods
 * that it wraps have the same shape there. A major that renames them leaves the client as it is.
 */
export class CurrentOpenAIInstrumentation extends OpenAIInstrumentation {
  protected override init() {
    return super.init().map((definition) => {
      const { patch } = definition
      definition.supportedVersions = ['>=4.19.0']
      definition.patch = (exports, version) => {
        try {
          return patch?.(exports, version)
        } catch (error) {
          this._diag.warn(`openai ${version} cannot be instrumented`, error)
          return exports
        }
      }
      return definition
    })
  }
}
