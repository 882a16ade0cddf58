import AudioSources
import CoreMetrics

/// The metrics of transfers.
enum TransferMetrics {
    /// Counts the result of following a transfer.
    static func ended(_ result: TransferResult, source: String) {
        switch result {
        case .acquired: count("delivered", source)
        case .pending, .throttled: count("parked", source)
        case .handedBack: count("handed_back", source)
        case .sourceUnavailable: count("away", source)
        }
    }

    /// Counts a candidate that could not be fetched.
    static func failed(_ error: SourceError, source: String) { count(error.code.description, source) }

    /// Counts a fetched file that was not the offered recording.
    static func mislabelled(source: String) { count("false", source) }

    private static func count(_ outcome: String, _ source: String) {
        Counter(label: "hdm_transfers_total", dimensions: [("source", source), ("outcome", outcome)]).increment()
    }
}
