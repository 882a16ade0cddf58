import AMQP
import Contracts
import JobLedger
import Logging
import ServiceKit

/// Logs and counts the jobs that the work queues have.
///
/// A confirm does not prove that: if a work queue is missing, the alternate exchange takes its messages and the broker
/// confirms them, too. So the queues are checked after the confirms.
struct EnqueuedJobs: Sendable {
    let connection: AMQPConnection
    /// The connection that declares the topology.
    let topology: AMQPConnection
    let queueType: QueueType
    let logger: Logger

    private enum Presence: Sendable, Equatable {
        case present, missing
        case unknown(String)
    }

    /// Logs each job of confirmed entries as enqueued, or as misrouted when its work queue is missing.
    func announce(_ entries: [OutboxEntry]) async {
        let jobs = Dictionary(grouping: entries.filter { $0.route.stage != nil }) { $0.workQueue(queueType) ?? "" }
        for (queue, jobs) in jobs {
            switch await presence(of: queue) {
            case .present: enqueued(jobs)
            case .missing:
                misrouted(jobs, queue, "the queue \(queue) does not exist")
                await heal()
            case .unknown(let reason): misrouted(jobs, queue, "the queue \(queue) could not be checked: \(reason)")
            }
        }
    }

    private func presence(of queue: String) async -> Presence {
        do throws(AMQPError) {
            _ = try await connection.status(of: queue)
            return .present
        } catch {
            return error.code == .notFound ? .missing : .unknown(error.message)
        }
    }

    private func heal() async {
        do throws(AMQPError) {
            let missing = try await topology.heal()
            logger.log(
                event: .brokerConnected, level: .warning, "missing parts of the topology were declared again",
                metadata: ["declared": .string(missing.joined(separator: ", "))])
        } catch {
            logger.log(
                event: .workerFailed, level: .warning, "missing parts of the topology could not be declared",
                metadata: [LogKey.error: .string("\(error)")])
        }
    }

    private func enqueued(_ jobs: [OutboxEntry]) {
        GatewayMetrics.published(jobs.count)
        for job in jobs where job.route.stage == .match {
            logger.log(event: .matchEnqueued, "the match queue has the job", metadata: job.logMetadata)
        }
    }

    /// The jobs are in `hdm.dlq.invalid`; recovery publishes them again when the queue exists.
    private func misrouted(_ jobs: [OutboxEntry], _ queue: String, _ reason: String) {
        for job in jobs {
            var metadata = job.logMetadata
            metadata[LogKey.queue] = .string(queue)
            metadata[LogKey.error] = .string(reason)
            logger.log(
                event: .jobMisrouted, level: .warning,
                "the broker accepted the job, but its queue may not have it; recovery returns it to work",
                metadata: metadata)
        }
    }
}

extension OutboxEntry {
    /// The work queue that the entry's message goes to; `nil` for other messages.
    fileprivate func workQueue(_ type: QueueType) -> String? {
        guard let stage = route.stage else { return nil }
        return QueueName.work(stage) + (type == .quorum ? PriorityClass(priority).suffix : "")
    }

    fileprivate var logMetadata: Logger.Metadata {
        var metadata: Logger.Metadata = [LogKey.jobID: .string(jobID), LogKey.attempt: .stringConvertible(1)]
        if let stage = route.stage { metadata[LogKey.stage] = .string(stage.rawValue) }
        if let batchID { metadata[LogKey.batchID] = .string(batchID) }
        if let trace = LogKey.traceID(of: traceparent) { metadata[LogKey.traceID] = .string(trace) }
        return metadata
    }
}
