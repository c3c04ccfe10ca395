// Package autoexport stands in for OpenTelemetry's: the registry of tests sends its traces nowhere. The real one brings
// gRPC and every exporter there is: 177 of the 582 packages of the registry, a sixth of the work of a cold build.
package autoexport

import (
	"context"

	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// NewSpanExporter gives an exporter that drops every span.
func NewSpanExporter(context.Context) (trace.SpanExporter, error) {
	return tracetest.NewNoopExporter(), nil
}
