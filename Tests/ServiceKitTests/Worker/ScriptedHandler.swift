import Contracts
import Foundation
import ServiceKit
import Synchronization
import TestSupport

/// A handler that runs a test's closure and records its calls.
final class ScriptedHandler: StageHandler {
    typealias Script = @Sendable (JobDocument, JobContext) async throws -> Outcome

    /// One call of the handler.
    struct Call: Sendable {
        let job: JobDocument
        let attempt: Int
    }

    let stage: Stage
    private let script: Script
    private let state = Mutex<(calls: [Call], running: Int, mostRunning: Int)>(([], 0, 0))

    init(_ stage: Stage = .match, _ script: @escaping Script) {
        self.stage = stage
        self.script = script
    }

    /// The calls in the order in which they began.
    var calls: [Call] { state.withLock { $0.calls } }
    var titles: [String] { calls.map(\.job.track.title) }
    var running: Int { state.withLock { $0.running } }
    /// The most calls that ran at the same time.
    var mostRunning: Int { state.withLock { $0.mostRunning } }

    func handle(_ job: JobDocument, _ context: JobContext) async throws -> Outcome {
        state.withLock { state in
            state.calls.append(Call(job: job, attempt: context.attempt))
            state.running += 1
            state.mostRunning = max(state.mostRunning, state.running)
        }
        defer { state.withLock { $0.running -= 1 } }
        return try await script(job, context)
    }
}

/// A barrier at which handlers wait until a test opens it, or until they are cancelled.
final class Door: Sendable {
    private let state = Mutex(false)

    var isOpen: Bool { state.withLock { $0 } }

    func open() { state.withLock { $0 = true } }

    func pass() async throws { try await eventually("the door opens", timeout: .seconds(60)) { isOpen } }
}

extension JobDocument {
    static func sample(_ title: String = "T", priority: Int = 6) -> JobDocument {
        JobDocument(batchID: "b1", priority: priority, track: Track(artist: "A", title: title))
    }
}
