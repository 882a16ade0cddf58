public import Contracts
public import Logging

extension Logger {
    /// Logs something that the contract gives a name (`contracts/log-events.md`).
    public func log(
        event: LogEventName, level: Logger.Level = .info, _ message: Logger.Message,
        metadata: Logger.Metadata = [:]
    ) {
        var metadata = metadata
        metadata["event"] = .string(event.rawValue)
        log(level: level, message, metadata: metadata)
    }

    /// A logger that adds what is known of a job to every line.
    public func with(_ job: JobDocument, stage: Stage, attempt: Int) -> Logger {
        var logger = self
        logger[metadataKey: LogKey.jobID] = .string(job.jobID.text)
        if let batch = job.batchID { logger[metadataKey: LogKey.batchID] = .string(batch) }
        logger[metadataKey: LogKey.stage] = .string(stage.rawValue)
        logger[metadataKey: LogKey.attempt] = .stringConvertible(attempt)
        return logger
    }
}
