import Contracts
import Testing

@testable import AudioSources

@Suite("The clocks of a transfer")
struct TransferClocksTests {
    private let start = ContinuousClock.now

    private func clocks(alternatives: Bool = true, queued: Duration = .zero) -> TransferClocks {
        TransferClocks(TransferSettings(), hasAlternatives: alternatives, queued: queued, now: start)
    }

    /// The verdicts when a transfer is looked at every five seconds.
    private func verdict(
        _ clocks: inout TransferClocks, _ state: SlskdTransferState, bytes: Int64 = 0, attempts: Int = 1,
        seconds range: ClosedRange<Int>
    ) -> TransferClocks.Verdict {
        var last = TransferClocks.Verdict.wait
        for second in stride(from: range.lowerBound, through: range.upperBound, by: 5) where last == .wait {
            last = clocks.judge(state, bytes: bytes, attempts: attempts, now: start + .seconds(second))
        }
        return last
    }

    @Test("a queue is borne for two minutes when there are others, for a day when not")
    func queues() {
        var one = clocks()
        #expect(verdict(&one, .queuedRemotely, seconds: 0...120) == .wait)
        #expect(verdict(&one, .queuedRemotely, seconds: 125...130) == .queuedTooLong)
        var two = clocks(alternatives: false)
        #expect(verdict(&two, .queuedRemotely, seconds: 0...3600) == .wait)
        var three = clocks(queued: .seconds(100))
        #expect(verdict(&three, .queuedRemotely, seconds: 0...30) == .queuedTooLong)
    }

    @Test("a peer that says go has a minute for the first byte, whatever the queue took")
    func starts() {
        var clocks = clocks()
        #expect(verdict(&clocks, .queuedRemotely, seconds: 0...100) == .wait)
        #expect(verdict(&clocks, .initializing, seconds: 105...140) == .wait)
        #expect(verdict(&clocks, .inProgress, seconds: 145...165) == .wait)
        #expect(verdict(&clocks, .inProgress, seconds: 170...180) == .neverStarted)
    }

    @Test("bytes keep a transfer alive; half a minute without one ends it")
    func stalls() {
        var clocks = clocks()
        for second in stride(from: 0, through: 600, by: 5) {
            let verdict = clocks.judge(
                .inProgress, bytes: Int64(second + 1), attempts: 1, now: start + .seconds(second))
            #expect(verdict == .wait)
        }
        #expect(verdict(&clocks, .inProgress, bytes: 601, seconds: 605...630) == .wait)
        #expect(verdict(&clocks, .inProgress, bytes: 601, seconds: 635...640) == .stalled)
    }

    @Test("time in which nothing was seen does not count")
    func gaps() {
        var clocks = clocks()
        #expect(verdict(&clocks, .inProgress, bytes: 5, seconds: 0...20) == .wait)
        #expect(verdict(&clocks, .inProgress, bytes: 5, seconds: 500...500) == .wait)
        #expect(verdict(&clocks, .inProgress, bytes: 5, seconds: 505...520) == .stalled)
    }

    @Test("slskd's own next attempt is awaited for a moment, and not for ever")
    func retries() {
        var one = clocks()
        #expect(verdict(&one, .completed(.errored), seconds: 0...5) == .wait)
        #expect(verdict(&one, .completed(.errored), seconds: 10...10) == .ended(.errored))
        var last = clocks()
        #expect(verdict(&last, .completed(.errored), attempts: 3, seconds: 0...0) == .ended(.errored))
        var rejected = clocks()
        #expect(verdict(&rejected, .completed(.rejected), seconds: 0...0) == .ended(.rejected))
        var old = clocks()
        #expect(verdict(&old, .completed(.errored), attempts: 0, seconds: 0...0) == .ended(.errored))
    }

    @Test("an identity is the same for the same order, and another for any other")
    func identities() {
        let job = JobID()
        let one = Candidate(source: "slskd", user: "anna", path: #"a\b.flac"#, size: 5, score: 1)
        var two = one
        two.user = "bert"
        let identity = TransferIdentity(one, job: job, round: "1")
        #expect(identity == TransferIdentity(one, job: job, round: "1"))
        let others = [
            TransferIdentity(two, job: job, round: "1"), TransferIdentity(one, job: JobID(), round: "1"),
            TransferIdentity(one, job: job, round: "2"), TransferIdentity(one, job: job, round: "1", number: 1),
        ]
        #expect(Set(others.map(\.batchID) + [identity.batchID]).count == 5)
        #expect(identity.destination.hasPrefix("hdm/\(job)/"))
    }
}
