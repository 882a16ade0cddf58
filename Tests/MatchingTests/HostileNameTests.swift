import Contracts
import Foundation
import Testing

@testable import Matching

@Suite struct `Hostile names` {
    private static let letters = Array(
        ("abc ÄöŁß Щю ψΏ 夜あア한ᄒ ัด ा ֹ ً ́̈҉ 👩‍👩‍👧 \u{202E}\u{FEFF}\u{0} ﷺ ㍿ Ã© √© ÷ „ ” "
            + "([{}])-_.~'$!/\\ 0 1 9 IV live feat").unicodeScalars)

    private static let storms: [String] = [
        String(repeating: "a", count: 10_000), String(repeating: "й", count: 10_000),
        String(repeating: "x ", count: 5_000), String(repeating: "ﷺ", count: 3_000),
        String(repeating: "folder/", count: 500) + "The Copper Foxes - Paper Lighthouse.flac",
        String(repeating: "ужин\\", count: 500) + "04 Paper Lighthouse.flac",
        "Paper Lighthouse" + String(repeating: "\u{301}\u{35C}", count: 20_000) + ".flac",
        String(repeating: "o\u{302}\u{323}", count: 5_000) + ".mp3", String(repeating: "(", count: 10_000),
        String(repeating: "[a]", count: 4_000), String(repeating: "- ", count: 5_000),
        String(repeating: ".", count: 10_000), String(repeating: "Ã", count: 5_000),
        String(repeating: "夜", count: 10_000), String(repeating: "한", count: 10_000),
        String(repeating: "1", count: 10_000) + ".flac", String(repeating: "live ", count: 2_000),
    ]

    /// The limit permits slow machines and sanitisers, but no quadratic growth.
    private func duration(_ work: () -> Void) -> Duration {
        let begin = ContinuousClock.now
        work()
        return begin.duration(to: .now)
    }

    private static let deadline = Duration.seconds(60)

    @Test(arguments: storms.indices) func `the parsed form of a name is bounded`(index: Int) {
        var names = NameReader()
        let words = names.words(Self.storms[index])
        #expect(words.count <= Words.maxCount)
        #expect(words.letters.count <= 64 * NameReader.maxLength)
        var latin = Words()
        names.read(latin: words, into: &latin)
        #expect(latin.count <= Words.maxCount)
        var path = Self.storms[index]
        path.withUTF8 { bytes in
            let parts = PathParser.parse(bytes)
            #expect(parts.leaf.count <= NameReader.maxLength)
            #expect(PathParser.folders(bytes, parts.directory).count <= 4)
        }
    }

    @Test func `hostile offers are judged in bounded time`() {
        let offers = (0..<20).flatMap { index in
            Self.storms.map { (path: String) in offer(path, user: "user\(index)") }
        }
        var decision = Matcher().judge(wanted: track(), offers: [])
        let time = duration { decision = Matcher().judge(wanted: track(), offers: offers) }
        #expect(time < Self.deadline)
        #expect(decision.ranked.count == offers.count)
        #expect(decision.explanation.utf8.count < 2_000)
    }

    @Test(arguments: storms.indices) func `hostile requests are judged in bounded time`(index: Int) {
        let text = Self.storms[index]
        var wanted = Track(artist: text, title: text, album: text)
        wanted.artists = Array(repeating: text, count: 100)
        let offers = Self.storms.map { offer($0) } + [offer("x/The Copper Foxes - Paper Lighthouse.flac")]
        #expect(duration { _ = Matcher().judge(wanted: wanted, offers: offers) } < Self.deadline)
    }

    @Test func `random letters crash nothing and are not accepted`() {
        var numbers = SplitMix(seed: 2)
        let offers = (0..<3_000).map { _ in
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...60, using: &numbers) {
                if let letter = Self.letters.randomElement(using: &numbers) { text.append(letter) }
            }
            return offer(String(text))
        }
        #expect(Matcher().judge(wanted: track(), offers: offers).outcome == .reject)
        for (a, b) in zip(offers.prefix(300), offers.suffix(300)) {
            _ = Matcher().judge(wanted: Track(artist: a.path, title: b.path, album: a.path), offers: [a, b])
        }
    }

    @Test func `random bytes crash nothing`() {
        var numbers = SplitMix(seed: 3)
        let offers = (0..<3_000).map { _ in
            let count = Int.random(in: 0...200, using: &numbers)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &numbers) }
            return offer(String(decoding: bytes, as: UTF8.self))
        }
        #expect(Matcher().judge(wanted: track(), offers: offers).outcome == .reject)
        _ = Matcher().judge(wanted: track("Синяя дорога", by: ["夜"], on: "밤"), offers: offers)
    }

    @Test func `a lone surrogate makes a line or a file unreadable, or the file is not accepted`() {
        for escape in [#"\ud83d"#, #"\ude00"#, #"\ud83d\ud83d"#, #"\u0000"#, #"\uffff"#] {
            let file = #"{"filename":"x\\A - T\#(escape).mp3","size":9600000}"#
            let line =
                #"{"id":"a","wanted":{"artists":["A"],"title":"T"},"#
                + #""responses":[{"username":"u","files":[\#(file)]}]}"#
            guard let search = try? JSONDecoder().decode(SearchCase.self, from: Data(line.utf8)) else { continue }
            let decision = Matcher().judge(wanted: search.wanted, offers: search.offers)
            #expect(decision.ranked.count == search.offers.count)
            #expect(decision.outcome != .accept)
        }
    }
}
