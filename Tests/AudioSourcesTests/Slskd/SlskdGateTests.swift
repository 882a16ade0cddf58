import Synchronization
import TestSupport
import Testing

@testable import AudioSources

/// What happened, in order.
private final class Journal: Sendable {
    private let lines = Mutex<[String]>([])
    var text: [String] { lines.withLock { $0 } }
    func note(_ line: String) { lines.withLock { $0.append(line) } }
}

@Suite("The gate of slskd")
struct SlskdGateTests {
    private let busy = SlskdError(.busy, "busy")

    @Test("Concurrent requests are limited and ordered, and cancelled ones are removed")
    func limits() async throws {
        let gate = SlskdGate(width: 1, pause: .milliseconds(10), jitter: 0)
        let (stream, release) = AsyncStream.makeStream(of: Void.self)
        let first = Task { try await gate.pass { for await _ in stream { break } } }
        let journal = Journal()
        try await eventually { gate.isFull }
        let cancelled = Task { try await gate.pass { journal.note("cancelled") } }
        try await eventually { gate.waiting == 1 }
        let second = Task { try await gate.pass { journal.note("second") } }
        try await eventually { gate.waiting == 2 }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        #expect(journal.text.isEmpty)
        release.yield()
        try await first.value
        try await second.value
        #expect(journal.text == ["second"])
        #expect(!gate.isFull)
    }

    @Test("Requests pause after slskd was busy, longer each time")
    func pauses() async throws {
        let gate = SlskdGate(width: 2, pause: .milliseconds(100), jitter: 0)
        let began = ContinuousClock.now
        for _ in 0..<2 {
            await #expect(throws: SlskdError.self) { try await gate.pass { throw busy } }
        }
        try await gate.pass {}
        #expect(began.duration(to: .now) >= .milliseconds(300))
        let again = ContinuousClock.now
        await #expect(throws: SlskdError.self) { try await gate.pass { throw busy } }
        try await gate.pass {}
        #expect(again.duration(to: .now) >= .milliseconds(100))
    }
}
