import Contracts
import Matching
import Testing

@Suite struct `Verdicts of people` {
    private let sure = offer("x/The Copper Foxes - Paper Lighthouse.flac", user: "a", size: 25_500_001)
    private let live = offer("x/The Copper Foxes - Paper Lighthouse (Live).flac", user: "b", size: 25_500_002)

    @Test func `an approved file is accepted and ranked first, whatever its evidence`() {
        let verdicts = Verdicts(approved: [live.key])
        let decision = Matcher().judge(wanted: track(), offers: [sure, live], verdicts: verdicts)
        #expect(decision.outcome == .accept)
        #expect(decision.ranked.first?.offer == live)
        #expect(decision.ranked.first?.isApproved == true)
        #expect(decision.ranked.first?.vetoes.map(\.kind) == [.version])
        #expect(decision.runnerUp == nil)
        #expect(decision.explanation.contains("approved by a person"))
        #expect(decision.section().candidates.map(\.user) == ["b", "a"])
    }

    @Test func `an approved file that is locked is not accepted`() {
        var locked = live
        locked.isLocked = true
        let verdicts = Verdicts(approved: [live.key])
        let decision = Matcher().judge(wanted: track(), offers: [locked], verdicts: verdicts)
        #expect(decision.outcome == .reject)
        #expect(decision.ranked.first?.isApproved == false)
    }

    @Test func `a rejected file is left out, contests no other, and is counted`() {
        let verdicts = Verdicts(rejected: [sure.key])
        let alone = Matcher().judge(wanted: track(), offers: [sure], verdicts: verdicts)
        #expect(alone.outcome == .reject)
        #expect(alone.ranked.isEmpty)
        #expect(alone.leftOut == 1)
        #expect(alone.section().leftOut == 1)
        #expect(alone.section().considered == 0)
        #expect(alone.explanation.contains("rejected by people"))

        var wanted = track()
        wanted.durationMS = nil
        let path = "The Copper Foxes/Salt and Static/04 Paper Lighthouse.flac"
        let (short, long) = (offer(path, seconds: 235, size: 25_000_000), offer(path, seconds: 260, size: 27_000_000))
        #expect(Matcher().judge(wanted: wanted, offers: [short, long]).outcome == .review)
        let decision = Matcher().judge(
            wanted: wanted, offers: [short, long], verdicts: Verdicts(rejected: [long.key]))
        #expect(decision.outcome == .accept)
        #expect(decision.runnerUp == nil)
        #expect(decision.leftOut == 1)
    }

    @Test func `a verdict applies to the same file at another peer, and to no other file`() {
        let copy = offer(#"Other\Folder\THE COPPER FOXES - Paper Lighthouse.flac"#, user: "c", size: sure.size)
        let other = offer("x/The Copper Foxes - Paper Lighthouse.flac", user: "d", size: sure.size + 1)
        let verdicts = Verdicts(rejected: [sure.key])
        let decision = Matcher().judge(wanted: track(), offers: [copy, other], verdicts: verdicts)
        #expect(decision.ranked.map(\.offer.user) == ["d"])
        #expect(decision.leftOut == 1)
    }

    @Test func `a file that was approved and rejected is left out`() {
        let verdicts = Verdicts(approved: [sure.key], rejected: [sure.key])
        #expect(Matcher().judge(wanted: track(), offers: [sure], verdicts: verdicts).ranked.isEmpty)
    }
}
