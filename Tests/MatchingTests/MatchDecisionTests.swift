import Contracts
import Foundation
import Matching
import Testing

@Suite struct `Match decisions` {
    private let names = [
        "The Copper Foxes - Paper Lighthouse", "The Copper Foxes - Paper Lighthouse (Live)", "Paper Lighthouse",
        "Velvet Pines - Paper Lighthouse", "The Copper Foxes - Glass Harbour",
    ]

    @Test func `the order of the offers does not matter`() {
        let offers = (0..<40).map { offer("x/\(names[$0 % names.count]).flac", user: "user\($0)") }
        let paths = Matcher().judge(wanted: track(), offers: offers).ranked.map(\.offer.user)
        for _ in 0..<5 {
            #expect(Matcher().judge(wanted: track(), offers: offers.shuffled()).ranked.map(\.offer.user) == paths)
        }
    }

    @Test func `a job's section has at most ten candidates, the best first, and no refused ones`() {
        let offers = (0..<60).map { offer("x/\(names[$0 % names.count]).flac", user: "user\($0)") }
        let section = Matcher().judge(wanted: track(), offers: offers).section(limit: 50)
        #expect(section.candidates.count == 10)
        #expect(section.candidates.allSatisfy { $0.path == "x/The Copper Foxes - Paper Lighthouse.flac" })
        #expect(section.score == section.candidates.first?.score)
        #expect(Set(section.components.keys) == ["title", "artist", "duration", "album", "version"])
        #expect(section.components.values.allSatisfy { (0...1).contains($0) })
        let none = Matcher().judge(wanted: track(), offers: [offer("x/Other.flac")]).section()
        #expect(none.candidates.isEmpty)
    }

    @Test func `no other recording stands in for the one that a person approved`() {
        let approved = offer("x/The Copper Foxes - Paper Lighthouse.flac", seconds: 236, user: "a")
        let same = offer("x/The Copper Foxes - Paper Lighthouse.mp3", seconds: 237, kbps: 320, user: "b")
        let other = offer("y/The Copper Foxes - Paper Lighthouse.flac", seconds: 244, user: "c")
        let decision = Matcher().judge(
            wanted: track(), offers: [approved, same, other], verdicts: Verdicts(approved: [approved.key]))
        #expect(decision.section().candidates.map(\.user) == ["a", "b"])
        let failed = [TransferSection.FailedCandidate(user: "a", key: approved.key, code: "peer_away")]
        #expect(decision.section(avoiding: failed).candidates.map(\.user) == ["b", "a"])
    }

    @Test func `a match without offers is rejected`() {
        let decision = Matcher().judge(wanted: track(), offers: [])
        #expect(decision.outcome == .reject)
        #expect(decision.section().candidates.isEmpty)
    }

    @Test func `a person decides between two spellings that both differ from the title`() {
        let near = [
            offer("x/The Copper Foxes - Paper Lighthouze.flac"), offer("x/The Copper Foxes - Paper Lightouse.flac"),
        ]
        #expect(Matcher().judge(wanted: track(), offers: near).outcome == .review)
        #expect(Matcher().judge(wanted: track(), offers: Array(near.prefix(1))).outcome == .accept)
        let exact = offer("x/The Copper Foxes - Paper Lighthouse.flac")
        #expect(Matcher().judge(wanted: track(), offers: near + [exact]).outcome == .accept)
        #expect(Matcher().judge(wanted: track(), offers: near).runnerUp != nil)
        #expect(Matcher().judge(wanted: track(), offers: near + [exact]).runnerUp == nil)
    }

    @Test func `a person decides between copies of two durations if no duration is wanted`() {
        var wanted = track()
        wanted.durationMS = nil
        let path = "The Copper Foxes/Salt and Static/04 Paper Lighthouse.flac"
        let copies = [235, 236, 260].map { (seconds: Int) in offer(path, seconds: seconds, user: "user\(seconds)") }
        let decision = Matcher().judge(wanted: wanted, offers: copies)
        #expect(decision.outcome == .review)
        let margin = decision.runnerUp?.margin ?? 1
        #expect(margin < MatchProfile().margin)
        #expect(decision.explanation.contains("another recording is as likely"))
        #expect(Matcher().judge(wanted: wanted, offers: Array(copies.prefix(2))).outcome == .accept)
        var profile = MatchProfile()
        profile.margin = 0
        #expect(Matcher(profile: profile).judge(wanted: wanted, offers: copies).outcome == .accept)
    }

    @Test func `three peers that agree on a duration replace a missing one`() {
        var wanted = track()
        wanted.durationMS = nil
        let path = "x/The Copper Foxes - Paper Lighthouse.flac"
        func copies(_ seconds: [Int]) -> [OfferedFile] {
            seconds.enumerated().map { offer(path, seconds: $1, user: "user\($0)") }
        }
        let decision = Matcher().judge(wanted: wanted, offers: copies([240, 241, 240, 300]))
        #expect(decision.outcome == .accept)
        #expect(
            decision.ranked.filter { $0.outcome == .accept }.compactMap(\.offer.durationMS).allSatisfy { $0 < 250_000 })
        // Single peers with other durations outweigh nothing, however many they are.
        #expect(Matcher().judge(wanted: wanted, offers: copies([240, 241, 240, 300, 200, 170])).outcome == .accept)
        #expect(Matcher().judge(wanted: wanted, offers: copies([240, 241])).outcome == .review)
        #expect(Matcher().judge(wanted: wanted, offers: copies([240, 241, 240, 300, 301, 300])).outcome == .review)
        // Copies of one peer are one opinion.
        let same = copies([240, 240, 240]).map { copy in
            var copy = copy
            copy.user = "one"
            return copy
        }
        #expect(Matcher().judge(wanted: wanted, offers: same).outcome == .review)
    }

    @Test func `the wanted duration is ranked before a similar one, whatever the quality`() {
        let near = offer("x/The Copper Foxes - Paper Lighthouse.flac", seconds: 248)
        let exact = offer("x/The Copper Foxes - Paper Lighthouse.mp3", seconds: 239, kbps: 320)
        let decision = Matcher().judge(wanted: track(), offers: [near, exact])
        #expect(decision.outcome == .accept)
        #expect(decision.ranked.first?.offer == exact)
        #expect(decision.runnerUp?.offer.offer == near)
    }

    @Test func `the profile sets the lead over another recording`() {
        let near = offer("x/The Copper Foxes - Paper Lighthouse.flac", seconds: 248)
        let exact = offer("x/The Copper Foxes - Paper Lighthouse.mp3", seconds: 239, kbps: 320)
        var profile = MatchProfile()
        let lead = Matcher(profile: profile).judge(wanted: track(), offers: [near, exact]).runnerUp?.margin ?? 0
        #expect(lead > profile.margin && lead < 0.2)
        profile.margin = 0.2
        let contested = Matcher(profile: profile).judge(wanted: track(), offers: [near, exact])
        #expect(contested.outcome == .review)
        #expect(contested.runnerUp?.margin == lead)
        // Copies of one recording do not contest each other, whatever the margin.
        #expect(Matcher(profile: profile).judge(wanted: track(), offers: [exact, exact]).outcome == .accept)
    }

    @Test func `a doubtful offer does not contest a certain one`() {
        let sure = offer("x/The Copper Foxes - Paper Lighthouse.flac", seconds: 236)
        let doubtful = offer("x/Paper Lighthouse.flac", seconds: 246)
        let decision = Matcher().judge(wanted: track(), offers: [sure, doubtful])
        #expect(decision.outcome == .accept)
        #expect(decision.runnerUp == nil)
    }

    @Test func `an accepted match has only accepted candidates, a doubtful one all possible candidates`() {
        let sure = offer("x/The Copper Foxes - Paper Lighthouse.flac", user: "a")
        let doubtful = offer("x/Paper Lighthouse.flac", user: "b")
        let both = Matcher().judge(wanted: track(), offers: [doubtful, sure])
        #expect(both.section().candidates.map(\.user) == ["a"])
        #expect(Matcher().judge(wanted: track(), offers: [doubtful]).section().candidates.map(\.user) == ["b"])
    }

    @Test(arguments: [
        ("x/The Copper Foxes - Paper Lighthouse.flac", "scored 95 of 100"),
        ("x/The Copper Foxes - Paper Lighthouse (Cat Choir).flac", "unexplained: cat choir"),
        ("x/The Copper Foxes - Paper Lighthouse (Acoustic).flac", "acoustic: not requested"),
        ("x/The Copper Foxes - Glass Harbour.flac", "another title"),
        ("x/The Copper Foxes - Paper Lighthouse.jpg", "not an audio file"),
    ]) func `every decision has a reason`(path: String, reason: String) {
        #expect(Matcher().judge(wanted: track(), offers: [offer(path)]).explanation.contains(reason))
    }

    @Test func `the profile sets the thresholds`() {
        var profile = MatchProfile()
        profile.accept = 0.99
        let file = offer("x/The Copper Foxes - Paper Lighthouse.flac")
        #expect(Matcher(profile: profile).judge(wanted: track(), offers: [file]).outcome == .review)
        profile.review = 0.98
        #expect(Matcher(profile: profile).judge(wanted: track(), offers: [file]).outcome == .reject)
        profile = MatchProfile()
        profile.accept = 0.7
        // A doubtful offer is not accepted, whatever its score.
        #expect(
            Matcher(profile: profile).judge(wanted: track(), offers: [offer("x/Paper Lighthouse.flac")]).outcome
                == .review)
    }

    @Test func `random bytes crash nothing and are not accepted`() {
        var random = SplitMix(seed: 42)
        let seeds = Array(
            #"@@abcde\The Copper Foxes\(2004) Salt & Static [FLAC]\1-04 - Paper_Lighthouse…é夜¼'’–.flac"#.utf8)
        for _ in 0..<400 {
            var bytes = seeds
            for _ in 0..<Int.random(in: 1...40, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let file = offer(
                text, seconds: Int.random(in: -5...5000, using: &random),
                kbps: Int.random(in: -1...9999, using: &random))
            _ = Matcher().judge(wanted: track(), offers: [file])
            _ = Matcher().judge(wanted: Track(artist: text, title: text, album: text), offers: [file])
        }
        for text in [
            "", "/", "\\", ".", "..", ".flac", "()", "((((", "\u{0}", "- - -", String(repeating: "a(", count: 50_000),
        ] {
            #expect(Matcher().judge(wanted: track(), offers: [offer(text)]).outcome == .reject)
            _ = Matcher().judge(wanted: Track(artist: text, title: text, album: text), offers: [offer(text)])
        }
    }

    @Test func `extreme numbers crash nothing`() {
        for number in [Int.min, -1, 0, 1, Int.max] {
            var wanted = track()
            wanted.durationMS = number
            wanted.trackNumber = number
            var file = offer("x/The Copper Foxes - Paper Lighthouse.mp3")
            file.durationMS = number
            file.bitrateKbps = number
            file.sampleRate = number
            file.bitDepth = number
            file.size = Int64(number)
            #expect(Matcher().judge(wanted: wanted, offers: [file]).outcome != .accept)
            file.path = "x/The Copper Foxes - Paper Lighthouse.flac"
            #expect(Matcher().judge(wanted: wanted, offers: [file]).outcome != .accept)
        }
    }
}

/// Random numbers that are equal in every run.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
