public import Contracts
public import Logging

extension Logger {
    /// Logs an event of the contract (`contracts/log-events.md`).
    public func log(
        event: LogEventName, level: Logger.Level = .info, _ message: Logger.Message,
        metadata: Logger.Metadata = [:]
    ) {
        var metadata = metadata
        metadata["event"] = .string(event.rawValue)
        log(level: level, message, metadata: metadata)
    }

    /// Returns a logger that adds the job's ids, stage and attempt to every line.
    ///
    /// - Parameter traceparent: W3C Trace Context; the lines contain the id of its trace.
    public func with(_ job: JobDocument, stage: Stage, attempt: Int, traceparent: String? = nil) -> Logger {
        var logger = self
        logger[metadataKey: LogKey.jobID] = .string(job.jobID.text)
        if let batch = job.batchID { logger[metadataKey: LogKey.batchID] = .string(batch) }
        logger[metadataKey: LogKey.stage] = .string(stage.rawValue)
        logger[metadataKey: LogKey.attempt] = .stringConvertible(attempt)
        if let trace = LogKey.traceID(of: traceparent) { logger[metadataKey: LogKey.traceID] = .string(trace) }
        return logger
    }
}

extension LogKey {
    /// Returns the id of the trace in a W3C Trace Context (`00-<trace>-<span>-<flags>`); `nil` when there is none.
    public static func traceID(of traceparent: String?) -> String? {
        guard let parts = traceparent?.split(separator: "-"), parts.count >= 4, parts[1].utf8.count == 32 else {
            return nil
        }
        return String(parts[1])
    }
}
