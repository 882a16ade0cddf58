import AudioSources
import CoreMetrics

/// What the download service measures of its candidates.
enum TransferMetrics {
    static func ended(_ result: TransferResult, source: String) {
        switch result {
        case .acquired: count("delivered", source)
        case .pending, .throttled: count("parked", source)
        case .sourceUnavailable: count("away", source)
        }
    }

    /// A candidate was given up.
    static func failed(_ error: SourceError, source: String) { count(error.code.description, source) }

    /// A file came and was not what it was offered as.
    static func wasFalse(source: String) { count("false", source) }

    private static func count(_ outcome: String, _ source: String) {
        Counter(label: "hdm_transfers_total", dimensions: [("source", source), ("outcome", outcome)]).increment()
    }
}
