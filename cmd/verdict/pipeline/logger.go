package pipeline

import (
	"io"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"verdict/cmd/verdict/screen"
)

// NewLogger makes the process's log: JSON, or lines for a person when the format asks for it or w is a terminal.
func NewLogger(w io.Writer, level, format string) *zap.Logger {
	parsed, err := zapcore.ParseLevel(level)
	if err != nil {
		parsed = zapcore.InfoLevel // the table of keys allows only levels that zap knows
	}
	return zap.New(zapcore.NewCore(logEncoder(w, format), zapcore.Lock(zapcore.AddSync(w)), parsed))
}

func logEncoder(w io.Writer, format string) zapcore.Encoder {
	if format == "console" || format == "auto" && screen.IsTerminal(w) {
		cfg := zap.NewDevelopmentEncoderConfig()
		cfg.EncodeTime = zapcore.TimeEncoderOfLayout("15:04:05.000")
		cfg.EncodeDuration = zapcore.StringDurationEncoder
		return zapcore.NewConsoleEncoder(cfg)
	}
	cfg := zap.NewProductionEncoderConfig()
	cfg.TimeKey = "time"
	cfg.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	cfg.EncodeDuration = zapcore.StringDurationEncoder
	return zapcore.NewJSONEncoder(cfg)
}
