import ArgumentParser
import Foundation
import Matching
import ServiceKit

/// Evaluates recorded searches, to measure the matcher or to explain its decisions.
struct MatchEvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Evaluates the searches of a file, one JSON object a line, and prints one decision a line.",
        discussion: "A line has id, wanted and responses as in slskd's API. Lines that cannot be read are reported on "
            + "standard error. The others are evaluated, and the command then exits with 65.")

    @Argument(help: "The searches; - for standard input.")
    var file: String

    @Option(help: "The file for the decisions, instead of standard output.")
    var out: String?

    @Option(help: "The lowest score at which a file is accepted, as HDM_MATCH_ACCEPT.")
    var accept = MatchProfile().accept

    @Option(help: "The lowest score at which a file goes to review, as HDM_MATCH_REVIEW.")
    var review = MatchProfile().review

    @Option(help: "The required lead over a file of another recording, as HDM_MATCH_MARGIN.")
    var margin = MatchProfile().margin

    func validate() throws {
        guard [accept, review, margin].allSatisfy((0...1).contains) else {
            throw ValidationError("--accept, --review and --margin must lie between 0 and 1")
        }
        guard review <= accept else { throw ValidationError("--review must not be greater than --accept") }
    }

    func run() throws {
        let lines = try read().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let matcher = matcher
        var predictions = Data()
        var broken = 0
        for (index, line) in lines.enumerated() where line.contains(where: { !Self.isBlank($0) }) {
            do {
                let prediction = try Self.prediction(Data(line), matcher)
                if out == nil { StandardOutput.write(String(decoding: prediction, as: UTF8.self)) }
                if out != nil { predictions += prediction + [UInt8(ascii: "\n")] }
            } catch {
                broken += 1
                StandardError.write("hdm: line \(index + 1): \(Self.reason(error))\n")
            }
        }
        try write(predictions)
        guard broken == 0 else { throw CommandFailure(status: Self.badInput, "\(broken) lines cannot be read") }
    }

    private static let badInput: Int32 = 65
    private static let noInput: Int32 = 66
    private static let noOutput: Int32 = 73

    private func read() throws -> Data {
        if file == "-" { return FileHandle.standardInput.readDataToEndOfFile() }
        do {
            return try Data(contentsOf: URL(filePath: file), options: .mappedIfSafe)
        } catch {
            throw CommandFailure(status: Self.noInput, "cannot read \(file): \(error.localizedDescription)")
        }
    }

    private func write(_ predictions: Data) throws {
        guard let out else { return }
        do {
            try predictions.write(to: URL(filePath: out), options: .atomic)
        } catch {
            throw CommandFailure(status: Self.noOutput, "cannot write \(out): \(error.localizedDescription)")
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }

    private var matcher: Matcher {
        var profile = MatchProfile()
        (profile.accept, profile.review, profile.margin) = (accept, review, margin)
        return Matcher(profile: profile)
    }

    private static func prediction(_ line: Data, _ matcher: Matcher) throws -> Data {
        let searched = try JSONDecoder().decode(SearchCase.self, from: line)
        let decision = matcher.judge(wanted: searched.wanted, offers: searched.offers)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(MatchPrediction(id: searched.id, decision))
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        let context: DecodingError.Context
        switch error {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .keyNotFound(_, let found),
            .dataCorrupted(let found):
            context = found
        @unknown default: return "not a search"
        }
        let place = context.codingPath.map(\.stringValue).joined(separator: ".")
        return place.isEmpty ? context.debugDescription : "\(place): \(context.debugDescription)"
    }
}
