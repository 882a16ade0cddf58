import AMQP
import Contracts
import Foundation
import Logging
import ServiceKit

/// Returns jobs that no queue took to their queues as soon as these exist.
///
/// A queue that somebody deleted is declared again by the services. What arrived in between lies in `hdm.dlq.invalid`,
/// and nobody else would look for it there.
actor UnroutedReturner {
    private let index: DeadLetterIndex
    private let runtime: ServiceRuntime
    private let requeue: Requeue
    /// The queues that existed at the last look. A queue is bound a moment after it is declared, so that it must exist
    /// twice in a row.
    private var seen: Set<String> = []

    /// How often a job is returned within a day. More would hide that a binding is missing.
    static let mostReturns = 3
    /// A job that comes back again is returned after a pause, in which the topology can heal.
    private static let pauses: [(returns: Int, within: Duration)] = [(1, .seconds(5)), (2, .seconds(60))]
    private static let day: Duration = .seconds(86_400)
    private static let page = 50
    /// The most publishes in one call that may fail. One message that the broker refuses does not keep the others back.
    private static let mostFailures = 3

    init(_ runtime: ServiceRuntime, index: DeadLetterIndex, requeue: Requeue) {
        self.index = index
        self.runtime = runtime
        self.requeue = requeue
    }

    /// Returns every job whose queue exists. What fails stays for the next call.
    func returnAll() async throws {
        // An upgrade of the topology removes queues on purpose.
        guard !runtime.pauses.isUpgrading else { return }
        var isHealed = false
        var last: Int64 = 0
        var found: [String: Bool] = [:]
        var failures = 0
        while true {
            let entries = try await index.unrouted(after: last, limit: Self.page)
            guard let end = entries.last?.number else { break }
            if !isHealed {
                // A queue without its binding exists, and no queue would take the job again.
                _ = try await runtime.consuming.heal()
                isHealed = true
            }
            for entry in entries {
                do {
                    try await process(entry, &found)
                } catch let skip as SkippedDeadLetter where skip.reason != .alreadyQueued {
                    failures += 1
                    guard failures < Self.mostFailures else { throw skip }
                } catch is SkippedDeadLetter {
                    // Somebody else restarted the job.
                }
            }
            last = end
        }
        seen = Set(found.filter(\.value).keys)
    }

    private func process(_ entry: IndexedDeadLetter, _ found: inout [String: Bool]) async throws {
        guard let stored = try await index.message(of: entry.number), let routed = try stored.restored(),
            let place = UnroutedJob(exchange: routed.exchange, routingKey: routed.routingKey),
            let job = (try? JobBody(routed.message.body))?.document
        else { return try await index.recordGivenUp(entry.number) }
        let since = (Timestamp.now + (.zero - Self.day)).description
        let returns = try await index.returns(of: job.jobID.text, since: since)
        guard returns < Self.mostReturns else { return try await giveUp(entry, routed, returns) }
        guard try await !isTooSoon(job) else { return }
        let queue = place.queue(runtime.settings.queueType)
        if found[queue] == nil { found[queue] = try await exists(queue) }
        guard found[queue] == true, seen.contains(queue) else { return }
        let plan = RequeuePlan(returning: routed, job, to: place, messages: runtime.publisher.messages)
        try await requeue.run(entry, plan)
    }

    private func isTooSoon(_ job: JobDocument) async throws -> Bool {
        for pause in Self.pauses {
            let since = (Timestamp.now + (.zero - pause.within)).description
            if try await index.returns(of: job.jobID.text, since: since) >= pause.returns { return true }
        }
        return false
    }

    private func giveUp(_ entry: IndexedDeadLetter, _ routed: RoutedMessage, _ returns: Int) async throws {
        let event = JobEvent(givingUp: entry.record, routed, returns: returns, worker: runtime.publisher.instance)
        if let event { try await runtime.publisher.publish(event) }
        try await index.recordGivenUp(entry.number)
    }

    private func exists(_ queue: String) async throws(AMQPError) -> Bool {
        do {
            _ = try await runtime.consuming.status(of: queue)
            return true
        } catch  where error.code == .notFound {
            return false
        }
    }
}
