/// The settings of MusicBrainz.
public struct MusicBrainzSettings: Sendable, Equatable {
    /// The web service with its version.
    public var url = "https://musicbrainz.org/ws/2"
    public var limits = ProviderLimits()

    public init() {}

    /// Reads `HDM_MUSICBRAINZ`, `MUSICBRAINZ_URL` and `PROVIDER_MUSICBRAINZ_…`; `nil` when it is not switched on.
    ///
    /// - Parameters:
    ///   - flag: a setting that is true or false, with its default.
    ///   - integer: a setting, with its default, in a range.
    ///   - problem: makes the error for a setting and what is wrong with it.
    /// - Throws: what `flag` and `integer` throw, and `problem`.
    public init?(
        text: (String) -> String?, flag: (String, Bool) throws -> Bool,
        integer: (String, Int, ClosedRange<Int>) throws -> Int, problem: (String, String) -> any Error
    ) throws {
        guard try flag("HDM_MUSICBRAINZ", false) else { return nil }
        self.init()
        if let address = text("MUSICBRAINZ_URL") {
            guard WebAddress.isBase(address) else {
                throw problem("MUSICBRAINZ_URL", "must be like https://musicbrainz.org/ws/2")
            }
            url = address
        }
        limits = try ProviderLimits("musicbrainz", integer: integer)
    }
}
