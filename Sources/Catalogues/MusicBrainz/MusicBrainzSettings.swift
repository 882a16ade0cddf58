import HTTPClient

/// The settings of MusicBrainz.
public struct MusicBrainzSettings: Sendable, Equatable {
    /// The address of the web service, with its version.
    public var url = "https://musicbrainz.org/ws/2"
    public var limits = ProviderLimits()
    public var releaseLimit = ReleaseLimit()

    public init() {}

    /// Reads `HDM_MUSICBRAINZ`, `MUSICBRAINZ_URL` and `PROVIDER_MUSICBRAINZ_…`; `nil` when MusicBrainz is not enabled.
    ///
    /// - Parameters:
    ///   - text: Returns the value of a setting.
    ///   - flag: Returns the value of a setting that is true or false, with a default.
    ///   - integer: Returns the value of a setting, with a default, in a range.
    ///   - problem: Makes the error for a setting and its problem.
    /// - Throws: What `flag` and `integer` throw, and the error of `problem`.
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
