import Contracts

extension DeadLetterItem {
    init(_ entry: IndexedDeadLetter) {
        let record = entry.record
        self.init(
            id: record.id, reason: record.reason, message: record.error, createdAt: entry.createdAt,
            updatedAt: entry.updatedAt, retryCount: max(0, record.attempt - 1), queue: record.queue,
            presence: entry.presence, requeues: record.requeues)
        jobID = record.jobID
        batchID = record.batchID
        kind = record.kind
        artist = record.artist
        title = record.title
        stage = record.stage
        priority = record.priority
        worker = record.worker
        deadAt = record.deadAt
    }
}

extension RequeueResponse {
    init(_ result: OperatorResult, dryRun: Bool) {
        self.init(requeued: result.done.sorted(), skipped: result.skipped, dryRun: dryRun)
    }
}

extension PurgeResponse {
    init(_ result: OperatorResult, dryRun: Bool) {
        self.init(ids: result.done.sorted(), skipped: result.skipped, dryRun: dryRun)
    }
}
