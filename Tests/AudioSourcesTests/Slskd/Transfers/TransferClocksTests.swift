import Contracts
import Testing

@testable import AudioSources

@Suite("The time limits of a transfer")
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

    @Test("A transfer may be queued for two minutes with other candidates, and for a day without")
    func queues() {
        var one = clocks()
        #expect(verdict(&one, .queuedRemotely, seconds: 0...120) == .wait)
        #expect(verdict(&one, .queuedRemotely, seconds: 125...130) == .queuedTooLong)
        var two = clocks(alternatives: false)
        #expect(verdict(&two, .queuedRemotely, seconds: 0...3600) == .wait)
        var three = clocks(queued: .seconds(100))
        #expect(verdict(&three, .queuedRemotely, seconds: 0...30) == .queuedTooLong)
    }

    @Test("After its approval a peer has a minute for the first byte, however long the queue was")
    func starts() {
        var clocks = clocks()
        #expect(verdict(&clocks, .queuedRemotely, seconds: 0...100) == .wait)
        #expect(verdict(&clocks, .initializing, seconds: 105...140) == .wait)
        #expect(verdict(&clocks, .inProgress, seconds: 145...165) == .wait)
        #expect(verdict(&clocks, .inProgress, seconds: 170...180) == .neverStarted)
    }

    @Test("A transfer ends after half a minute without a byte")
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

    @Test("Gaps between observations do not count")
    func gaps() {
        var clocks = clocks()
        #expect(verdict(&clocks, .inProgress, bytes: 5, seconds: 0...20) == .wait)
        #expect(verdict(&clocks, .inProgress, bytes: 5, seconds: 500...500) == .wait)
        #expect(verdict(&clocks, .inProgress, bytes: 5, seconds: 505...520) == .stalled)
    }

    @Test("The wait for slskd's own next attempt is limited")
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

    @Test("The same order has the same identity, and different orders have different ones")
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
