import Contracts

/// One line of a ``ProcessJournal``.
struct JournalLine: Sendable, Equatable {
    enum Entry: Sendable, Equatable {
        case begun(alone: Bool)
        case settled, ended

        fileprivate var word: String {
            switch self {
            case .begun(let alone): alone ? "alone" : "begun"
            case .settled: "settled"
            case .ended: "ended"
            }
        }

        fileprivate init?(_ word: Substring) {
            switch word {
            case "begun": self = .begun(alone: false)
            case "alone": self = .begun(alone: true)
            case "settled": self = .settled
            case "ended": self = .ended
            default: return nil
            }
        }
    }

    let entry: Entry
    let step: DeliveredStep

    init(_ entry: Entry, _ step: DeliveredStep) {
        self.entry = entry
        self.step = step
    }

    /// Parses a line. The last line of a process that was killed can be incomplete; it has no effect.
    init?(_ line: Substring) {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 6, let entry = Entry(words[0]), let job = JobID(String(words[1])),
            let generation = Int(words[2]), let stage = Stage(rawValue: String(words[3])), let hop = Int(words[4]),
            let message = UInt64(words[5], radix: 16)
        else { return nil }
        let run = RunIdentity(job: job, generation: generation, stage: stage, hop: hop)
        self.init(entry, DeliveredStep(run, message: message))
    }

    /// The line with its end. Job ids contain no space.
    var text: String {
        let run = step.run
        let words = ["\(run.job)", "\(run.generation)", run.stage.rawValue, "\(run.hop)"]
        return "\(entry.word) \(words.joined(separator: " ")) \(String(step.message, radix: 16))\n"
    }
}
