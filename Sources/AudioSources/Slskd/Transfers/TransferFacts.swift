import Foundation

/// A question about slskd whose answer decides whether a transfer belongs to a job.
enum TransferQuestion: Sendable, Hashable {
    case version
    case batch(UUID)
    /// Where the file of a succeeded transfer is. Holds the transfer's own folder, if it has one.
    case file(UUID, destination: String?)
}

/// The answer to a ``TransferQuestion``.
enum TransferFact: Sendable, Equatable {
    case version(SlskdVersion?)
    case batch(SlskdBatch?)
    case file(String?)
}

/// The answers so far. They hold for one list of transfers.
struct TransferFacts: Sendable {
    private var known: [TransferQuestion: TransferFact] = [:]

    mutating func record(_ fact: TransferFact, for question: TransferQuestion) { known[question] = fact }

    /// Whether slskd orders files in batches.
    var hasBatches: Known<Bool> {
        guard case .version(let version)? = known[.version] else { return .needs(.version) }
        return .value(version.map { $0 >= .batches } ?? false)
    }

    func batch(_ id: UUID) -> Known<SlskdBatch?> {
        guard case .batch(let batch)? = known[.batch(id)] else { return .needs(.batch(id)) }
        return .value(batch)
    }

    func path(of found: FoundTransfer) -> Known<String?> {
        let question = TransferQuestion.file(found.transfer.id, destination: found.destination)
        guard case .file(let path)? = known[question] else { return .needs(question) }
        return .value(path)
    }
}

/// A value, or the question that must be answered before it can be computed.
enum Known<Value> {
    case value(Value)
    case needs(TransferQuestion)

    func map<Other>(_ transform: (Value) -> Other) -> Known<Other> {
        flatMap { .value(transform($0)) }
    }

    func flatMap<Other>(_ transform: (Value) -> Known<Other>) -> Known<Other> {
        switch self {
        case .value(let value): transform(value)
        case .needs(let question): .needs(question)
        }
    }
}

extension Sequence {
    /// Returns the first result that is not `nil`.
    func firstKnown<Value>(_ transform: (Element) -> Known<Value?>) -> Known<Value?> {
        for element in self {
            switch transform(element) {
            case .needs(let question): return .needs(question)
            case .value(let value?): return .value(value)
            case .value(nil): continue
            }
        }
        return .value(nil)
    }

    /// Returns all results that are not `nil`.
    func compactMapKnown<Value>(_ transform: (Element) -> Known<Value?>) -> Known<[Value]> {
        var values: [Value] = []
        for element in self {
            switch transform(element) {
            case .needs(let question): return .needs(question)
            case .value(let value): if let value { values.append(value) }
            }
        }
        return .value(values)
    }
}
