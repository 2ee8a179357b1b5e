import { InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation'
import { OpenAIInstrumentation } from '@opentelemetry/instrumentation-openai'
import { type Method, observedCalls } from './observe-call.ts'

interface Prototype {
  create: Method
}

/**
 * OTel's own instrumentation of `openai`, also for the majors that came after its declared range (below 7), and held
 * apart from the host's promises and streams (observe-call.ts). A major without these methods is left as it is.
 */
export class CurrentOpenAIInstrumentation extends OpenAIInstrumentation {
  protected override init(): InstrumentationNodeModuleDefinition[] {
    return super.init().map((definition) => {
      const { patch, unpatch } = definition
      const calls = observedCalls()
      const restores: (() => void)[] = []
      return new InstrumentationNodeModuleDefinition(
        definition.name,
        ['>=4.19.0'],
        (exports, version) => {
          const restore = replaceCreate(exports, calls.inner)
          try {
            patch?.(exports, version)
          } catch (error) {
            this._diag.warn(`openai ${version} cannot be instrumented`, error)
          }
          restores.push(restore, replaceCreate(exports, calls.outer))
          return exports
        },
        (exports, version) => {
          restores.pop()?.()
          unpatch?.(exports, version)
          restores.pop()?.()
        },
      )
    })
  }
}

/** Not by the base class's own wrapping, which takes an earlier one away. Answers what puts it back. */
const replaceCreate = (exports: unknown, replace: (original: Method) => Method): (() => void) => {
  const before = createPrototypes(exports).map((prototype) => {
    const { create } = prototype
    prototype.create = replace(create)
    return { prototype, create }
  })
  return () => {
    for (const { prototype, create } of before) prototype.create = create
  }
}

/** What has a `create` that the instrumentation knows; `responses` joined during major 4. */
const createPrototypes = (exports: unknown): readonly Prototype[] => {
  const { OpenAI, default: fallback } = exports as { OpenAI?: Client; default?: Client }
  const client = OpenAI ?? fallback
  if (client === undefined) return []
  return [client.Chat?.Completions, client.Embeddings, client.Responses].flatMap((resource) =>
    resource === undefined ? [] : [resource.prototype],
  )
}

interface Client {
  readonly Chat?: { readonly Completions?: { readonly prototype: Prototype } }
  readonly Embeddings?: { readonly prototype: Prototype }
  readonly Responses?: { readonly prototype: Prototype }
}
