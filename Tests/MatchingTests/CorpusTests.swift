import Foundation
import Matching
import Testing

@Suite struct `The matching corpus` {
    @Test(arguments: CorpusCase.files)
    func `picks are right and of the best quality, and nothing is picked where nothing is right`(name: String) throws {
        let figures = try CorpusFigures(cases: CorpusCase.all(in: name))
        let mistakes = Comment(rawValue: figures.mistakes.joined(separator: "\n"))
        #expect(figures.precision >= 0.99, mistakes)
        #expect(figures.recall >= 0.97, mistakes)
        #expect(figures.refusal >= 0.97, mistakes)
        #expect(figures.best >= 0.93, mistakes)
    }

    @Test(arguments: CorpusCase.blindSets)
    func `sets that were blind when they were first scored stay as good`(name: String) async throws {
        var figures = CorpusFigures()
        for line in try CorpusCase.lines(of: name, folder: "Blind") {
            figures.add(try CorpusCase(line))
            // Seconds of computing would stop the tests that wait for something.
            await Task.yield()
        }
        let mistakes = Comment(rawValue: figures.mistakes.joined(separator: "\n"))
        #expect(figures.precision >= 0.99, mistakes)
        #expect(figures.recall >= 0.94, mistakes)
        #expect(figures.refusal >= 0.99, mistakes)
        #expect(figures.best >= 0.93, mistakes)
    }

    @Test func `no wrong file is among the fallbacks of an accepted match`() throws {
        for name in CorpusCase.files {
            for labelled in try CorpusCase.all(in: name) {
                let decision = Matcher().judge(wanted: labelled.search.wanted, offers: labelled.search.offers)
                guard decision.outcome == .accept else { continue }
                for candidate in decision.section().candidates {
                    let file = CorpusFile(candidate.user, candidate.path)
                    #expect(labelled.right.contains(file), "\(labelled.search.id)")
                }
            }
        }
    }

    @Test func `the corpus has its stated size and difficulty`() throws {
        let cases = try CorpusCase.files.flatMap { try CorpusCase.all(in: $0) }
        #expect(cases.count >= 320)
        #expect(cases.count { $0.right.isEmpty } * 5 >= cases.count)
        #expect(Set(cases.map(\.search.id)).count == cases.count)
        for labelled in cases {
            let offered = Set(labelled.search.offers.map { CorpusFile($0.user, $0.path) })
            #expect(labelled.right.isSubset(of: offered) && labelled.best.isSubset(of: labelled.right))
        }
    }
}

/// A file as the labels identify it.
struct CorpusFile: Decodable, Hashable {
    var username: String
    var filename: String

    init(_ user: String?, _ path: String) {
        username = user ?? ""
        filename = path
    }
}

/// A search with its right files; all others are wrong.
struct CorpusCase: Decodable {
    var search: SearchCase
    var right: Set<CorpusFile>
    /// The right files that the default profile prefers.
    var best: Set<CorpusFile>

    private enum CodingKeys: CodingKey {
        case right, best
    }

    init(from decoder: any Decoder) throws {
        search = try SearchCase(from: decoder)
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        right = try fields.decode(Set<CorpusFile>.self, forKey: .right)
        best = try fields.decode(Set<CorpusFile>.self, forKey: .best)
    }

    static let files = [
        "files", "folders", "harmless", "marks", "scripts", "spelling", "unknown", "later", "fresh", "fourth", "fifth",
    ]

    static let blindSets = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh"]

    static func all(in name: String) throws -> [CorpusCase] { try lines(of: name).map(CorpusCase.init) }

    static func lines(of name: String, folder: String? = nil) throws -> [Data] {
        let place = ["Corpus", folder].compactMap(\.self).joined(separator: "/")
        let url = try #require(Bundle.module.url(forResource: name, withExtension: "jsonl", subdirectory: place))
        return try Data(contentsOf: url).split(separator: UInt8(ascii: "\n")).map { Data($0) }
    }

    init(_ line: Data) throws { self = try JSONDecoder().decode(CorpusCase.self, from: line) }
}

/// The figures of the matcher on some cases.
struct CorpusFigures {
    private var picks = 0
    private var rightPicks = 0
    private var bestPicks = 0
    private var hasRight = 0
    private var refused = 0
    private var hasNone = 0
    private(set) var mistakes: [String] = []

    /// The share of right picks.
    var precision: Double { share(rightPicks, picks) }
    /// The share of cases with a right file in which one was picked.
    var recall: Double { share(rightPicks, hasRight) }
    /// The share of cases without a right file in which none was picked.
    var refusal: Double { share(refused, hasNone) }
    /// The share of best files among the right picks.
    var best: Double { share(bestPicks, rightPicks) }

    init(cases: [CorpusCase] = []) {
        for labelled in cases { add(labelled) }
    }

    mutating func add(_ labelled: CorpusCase) {
        let decision = Matcher().judge(wanted: labelled.search.wanted, offers: labelled.search.offers)
        let first = decision.ranked.first.map { CorpusFile($0.offer.user, $0.offer.path) }
        let pick = decision.outcome == .accept ? first : nil
        if labelled.right.isEmpty { hasNone += 1 } else { hasRight += 1 }
        if let pick {
            picks += 1
            rightPicks += labelled.right.contains(pick) ? 1 : 0
            bestPicks += labelled.best.contains(pick) ? 1 : 0
        } else if labelled.right.isEmpty {
            refused += 1
        }
        if pick == nil ? !labelled.right.isEmpty : !labelled.right.contains(pick ?? CorpusFile("", "")) {
            mistakes.append("\(labelled.search.id): \(decision.explanation)")
        }
    }

    private func share(_ part: Int, _ all: Int) -> Double { all == 0 ? 1 : Double(part) / Double(all) }
}
