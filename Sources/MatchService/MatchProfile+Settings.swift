import Matching
import ServiceKit

extension MatchProfile {
    /// Reads `HDM_MATCH_ACCEPT`, `HDM_MATCH_REVIEW` and `HDM_MATCH_MARGIN`, each 0 … 1; `HDM_QUALITY`, the acceptable
    /// audio classes, the best first; and `HDM_QUALITY_MIN_KBPS` for lossy files.
    ///
    /// - Parameter ownSources: Names of sources with the user's own files. None of these files is rejected for its
    ///   bitrate, but better files still have precedence.
    /// - Throws: `SettingsError`, also when the review threshold is above the accept threshold.
    init(_ settings: Settings, ownSources: Set<String>) throws(SettingsError) {
        self.init()
        accept = try settings.number("HDM_MATCH_ACCEPT", default: accept, in: 0...1)
        review = try settings.number("HDM_MATCH_REVIEW", default: review, in: 0...1)
        margin = try settings.number("HDM_MATCH_MARGIN", default: margin, in: 0...1)
        minimumLossyKbps = try settings.integer("HDM_QUALITY_MIN_KBPS", default: minimumLossyKbps, in: 0...1000)
        trustedSources = ownSources
        try readQualities(settings)
        guard review <= accept else {
            throw SettingsError("HDM_MATCH_REVIEW", "must not be greater than HDM_MATCH_ACCEPT")
        }
    }

    private mutating func readQualities(_ settings: Settings) throws(SettingsError) {
        let names = settings.list("HDM_QUALITY")
        var classes: [QualityClass] = []
        for name in names { classes.append(try Self.quality(name, "HDM_QUALITY")) }
        if !classes.isEmpty { qualities = classes }
    }

    /// Reads `HDM_SEARCH_UNTIL_QUALITY`, the audio class from which no better one is searched for.
    /// - Returns: `nil` when every acceptable class ends a search.
    /// - Throws: `SettingsError`, also for a class that is not acceptable.
    func searchedQuality(_ settings: Settings) throws(SettingsError) -> QualityClass? {
        let setting = "HDM_SEARCH_UNTIL_QUALITY"
        guard let name = settings.text(setting) else { return nil }
        let quality = try Self.quality(name, setting)
        guard qualities.contains(quality) else { throw SettingsError(setting, "must be one of HDM_QUALITY") }
        return quality
    }

    private static func quality(_ name: String, _ setting: String) throws(SettingsError) -> QualityClass {
        guard let quality = QualityClass(rawValue: name) else {
            let known = QualityClass.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingsError(setting, "names the audio class '\(name)', which does not exist; use one of \(known)")
        }
        return quality
    }
}

extension MatchProfile {
    /// Whether an accepted offer ends the search: its audio class is sufficient, or it is from the user's own collection.
    func isGoodEnough(_ judged: JudgedOffer?, from quality: QualityClass?) -> Bool {
        guard let judged else { return false }
        guard let quality, !trustedSources.contains(judged.offer.source) else { return true }
        guard let wanted = qualities.firstIndex(of: quality) else { return true }
        return judged.quality.flatMap(qualities.firstIndex).map { $0 <= wanted } ?? false
    }
}
