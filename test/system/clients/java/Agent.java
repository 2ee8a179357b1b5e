import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.logs.Logger;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.util.List;

/**
 * A program on OpenTelemetry's SDK for Java that records an agent's run, with an evaluation, by the GenAI conventions, as
 * an agent in Java would. Prints what it recorded as one JSON document.
 */
public final class Agent {
  public static void main(String[] arguments) {
    String agent = System.getenv("AGENT");
    OpenTelemetrySdk sdk = AutoConfiguredOpenTelemetrySdk.initialize().getOpenTelemetrySdk();
    Tracer tracer = sdk.getTracer("desk");
    Logger logger = sdk.getLogsBridge().get("desk");

    Span root = tracer.spanBuilder("invoke_agent " + agent)
        .setAttribute("gen_ai.operation.name", "invoke_agent")
        .setAttribute("gen_ai.agent.name", agent)
        .startSpan();
    try (Scope scope = root.makeCurrent()) {
      tracer.spanBuilder("chat small")
          .setAttribute("gen_ai.operation.name", "chat")
          .setAttribute("gen_ai.provider.name", "openai")
          .setAttribute("gen_ai.request.model", "small")
          .setAttribute("gen_ai.usage.input_tokens", 40L)
          .setAttribute("gen_ai.usage.output_tokens", 9L)
          .setAttribute(
              AttributeKey.stringArrayKey("gen_ai.response.finish_reasons"), List.of("tool_calls"))
          .startSpan()
          .end();
      for (int call = 0; call < 3; call++) {
        tracer.spanBuilder("execute_tool look_up")
            .setAttribute("gen_ai.operation.name", "execute_tool")
            .setAttribute("gen_ai.tool.name", "look_up")
            .startSpan()
            .end();
      }
      logger.logRecordBuilder()
          .setEventName("gen_ai.evaluation.result")
          .setAttribute(AttributeKey.stringKey("gen_ai.evaluation.name"), "solved")
          .setAttribute(AttributeKey.doubleKey("gen_ai.evaluation.score.value"), 0.25)
          .emit();
    }
    root.end();
    sdk.close();
    System.out.printf(
        "{\"traceId\":\"%s\",\"modelCalls\":1,\"toolCalls\":3,\"inputTokens\":40,\"outputTokens\":9}%n",
        root.getSpanContext().getTraceId());
  }
}
