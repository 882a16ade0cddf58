import Matching
import ServiceKit

extension MatchProfile {
    /// Reads `HDM_MATCH_ACCEPT`, `HDM_MATCH_REVIEW` and `HDM_MATCH_MARGIN`, each 0 … 1.
    ///
    /// - Parameter ownFiles: The files are the user's own: what they have is good enough, so none is refused for its
    ///   bitrate. Better ones still come first.
    /// - Throws: `SettingsError`, also when review would begin above accept.
    init(_ settings: Settings, ownFiles: Bool) throws(SettingsError) {
        self.init()
        accept = try settings.number("HDM_MATCH_ACCEPT", default: accept, in: 0...1)
        review = try settings.number("HDM_MATCH_REVIEW", default: review, in: 0...1)
        margin = try settings.number("HDM_MATCH_MARGIN", default: margin, in: 0...1)
        trustsAttributes = ownFiles
        guard review <= accept else {
            throw SettingsError("HDM_MATCH_REVIEW", "must not be greater than HDM_MATCH_ACCEPT")
        }
    }
}
