// A program on OpenTelemetry's SDK for Go that records an agent's run by the GenAI conventions, as an agent in Go would.
// Prints what it recorded as one JSON document.
package main

import (
	"context"
	"encoding/json"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

type record struct {
	TraceID      string `json:"traceId"`
	ModelCalls   int    `json:"modelCalls"`
	ToolCalls    int    `json:"toolCalls"`
	InputTokens  int    `json:"inputTokens"`
	OutputTokens int    `json:"outputTokens"`
}

func exporter(ctx context.Context) (*otlptrace.Exporter, error) {
	if os.Getenv("PROTOCOL") == "grpc" {
		return otlptracegrpc.New(ctx)
	}
	return otlptracehttp.New(ctx)
}

func main() {
	ctx := context.Background()
	sender, err := exporter(ctx)
	if err != nil {
		panic(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(sender))
	tracer := provider.Tracer("desk")

	ctx, root := tracer.Start(ctx, "invoke_agent "+os.Getenv("AGENT"), trace.WithAttributes(
		attribute.String("gen_ai.operation.name", "invoke_agent"),
		attribute.String("gen_ai.agent.name", os.Getenv("AGENT")),
		attribute.String("gen_ai.conversation.id", "talk-1"),
	))
	did := record{TraceID: root.SpanContext().TraceID().String()}
	for call := 1; call <= 2; call++ {
		_, span := tracer.Start(ctx, "chat small", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
			attribute.String("gen_ai.operation.name", "chat"),
			attribute.String("gen_ai.system", "openai"),
			attribute.String("gen_ai.request.model", "small"),
			attribute.StringSlice("gen_ai.response.finish_reasons", []string{"stop"}),
			attribute.Int("gen_ai.usage.input_tokens", 100*call),
			attribute.Int("gen_ai.usage.output_tokens", 7),
		))
		span.End()
		did.ModelCalls++
		did.InputTokens += 100 * call
		did.OutputTokens += 7
	}
	_, span := tracer.Start(ctx, "execute_tool look_up", trace.WithAttributes(
		attribute.String("gen_ai.operation.name", "execute_tool"),
		attribute.String("gen_ai.tool.name", "look_up"),
		attribute.String("error.type", "timeout"),
	))
	span.SetStatus(codes.Error, "the shop did not answer")
	span.End()
	did.ToolCalls++
	root.SetStatus(codes.Error, "gave up")
	root.End()

	if err := provider.Shutdown(context.Background()); err != nil {
		panic(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(did); err != nil {
		panic(err)
	}
}
