import Contracts
import ServiceKit
import Synchronization

/// Jobs that another program published to a stage and that no service has seen yet, as their messages have no hop.
final class StrangeJobs: Sendable {
    private struct State {
        var jobs: [FoundJob] = []
        var bytes = 0
    }

    /// What is sent after one census. The next one finds the others.
    private static let most = (jobs: 500, bytes: 4 << 20)
    private static let page = 50

    private let state = Mutex(State())

    /// Keeps the document of a message, if it is one and there is room.
    func visit(_ routed: RoutedMessage, _ queue: String) {
        guard routed.message.properties.headers[MessageHeader.hop] == nil,
            let stage = Stage.allCases.first(where: { queue.hasPrefix(QueueName.work($0)) }),
            // Not what the gateway would refuse: it would refuse all documents of the request.
            let body = try? JobBody(routed.message.body)
        else { return }
        let generation = JobEnvelope(routed.message.properties.headers).requeues
        state.withLock { state in
            guard state.jobs.count < Self.most.jobs, state.bytes + routed.message.body.count <= Self.most.bytes else {
                return
            }
            state.jobs.append(FoundJob(body: body.bytes, stage: stage, generation: generation))
            state.bytes += routed.message.body.count
        }
    }

    /// Sends the jobs to the gateway.
    func send(to gateway: any ActiveJobs) async throws {
        let jobs = state.withLock(\.jobs)
        for start in stride(from: 0, to: jobs.count, by: Self.page) {
            try await gateway.report(Array(jobs[start..<min(start + Self.page, jobs.count)]))
        }
    }
}
