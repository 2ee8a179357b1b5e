import { loadWorld } from '../../deploy/simulated-model/load-world.ts'
import { startSimulatedModel } from '../../deploy/simulated-model/start-simulated-model.ts'
import type { OtelLogRow, OtelTraceRow } from '../../schemas/tables.ts'
import { openHttpSink } from './http-sink.ts'
import { logRows } from './otlp-rows/log-rows.ts'
import { spanRows } from './otlp-rows/span-rows.ts'
import { command } from './outside.ts'

/** What a program sent over OTLP while it ran, as the store would hold it. */
export interface Capture {
  readonly spans: readonly OtelTraceRow[]
  readonly logs: readonly OtelLogRow[]
}

export interface CapturedProgram {
  readonly program: string
  readonly parameters: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Runs an agent against the simulated model of the desk. @throws where the program fails */
export const captureOtlp = async ({
  program,
  parameters,
  env = {},
}: CapturedProgram): Promise<Capture> => {
  const world = loadWorld('test/dialects/desk-world.json')
  const [model, sink] = await Promise.all([startSimulatedModel({ world, seed: 1 }), openHttpSink()])
  try {
    const { code, output } = await command(program, parameters, {
      env: {
        OPENAI_BASE_URL: model.baseUrl,
        OPENAI_API_KEY: 'simulated',
        OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
        ...env,
      },
    })
    if (code !== 0) throw new Error(`${parameters.join(' ')} ended with ${code}:\n${output}`)
    return {
      spans: sink.bodies('/v1/traces').flatMap((body) => [...spanRows(body).rows]),
      logs: sink
        .bodies('/v1/logs')
        .flatMap((body, place) => [...logRows(body, `otlp_logs:0:${place}`).rows]),
    }
  } finally {
    await sink.close()
    await model.close()
  }
}
