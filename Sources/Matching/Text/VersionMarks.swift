/// The kinds of version in a name. Recordings with different marks are different recordings.
struct VersionMarks: OptionSet, Sendable, Hashable {
    let rawValue: UInt32

    static let live = Self(rawValue: 1 << 0)
    static let remix = Self(rawValue: 1 << 1)
    static let edit = Self(rawValue: 1 << 2)
    static let extended = Self(rawValue: 1 << 3)
    static let acoustic = Self(rawValue: 1 << 4)
    static let instrumental = Self(rawValue: 1 << 5)
    static let karaoke = Self(rawValue: 1 << 6)
    static let demo = Self(rawValue: 1 << 7)
    static let session = Self(rawValue: 1 << 8)
    static let cover = Self(rawValue: 1 << 9)
    static let reprise = Self(rawValue: 1 << 10)
    static let clean = Self(rawValue: 1 << 11)
    static let tempo = Self(rawValue: 1 << 12)
    static let alternate = Self(rawValue: 1 << 13)
    static let outtake = Self(rawValue: 1 << 14)
    /// Kinds of remixes with their own name: a dub by somebody is not a remix by the same person.
    static let rework = Self(rawValue: 1 << 15)

    /// A later studio recording of the same piece by the same artist.
    static let rerecording = Self(rawValue: 1 << 16)
    /// A version with a name that is in no list: `Orchestral Suite Version`, `Silver Jubilee Recording`.
    static let named = Self(rawValue: 1 << 17)

    /// The kinds that apply to whole folders. The others apply to single titles.
    static let folderWide: Self = [
        .live, .karaoke, .cover, .session, .instrumental, .acoustic, .demo, .tempo, .clean, .outtake, .rerecording,
    ]

    private static let names: [(Self, String)] = [
        (.live, "live"), (.remix, "remix"), (.edit, "edit"), (.extended, "extended"), (.acoustic, "acoustic"),
        (.instrumental, "instrumental"), (.karaoke, "karaoke"), (.demo, "demo"), (.session, "session"),
        (.cover, "cover"), (.reprise, "reprise"), (.clean, "clean"), (.tempo, "tempo"), (.alternate, "alternate take"),
        (.outtake, "outtake"), (.rework, "rework"), (.rerecording, "re-recording"), (.named, "another version"),
    ]

    /// The reason for people, such as `acoustic, live: not requested`.
    var reason: String {
        if rawValue.nonzeroBitCount == 1 { return Self.reasons[rawValue.trailingZeroBitCount] }
        return Self.names.filter { contains($0.0) }.map(\.1).joined(separator: ", ") + ": not requested"
    }

    /// The reasons for single marks.
    private static let reasons = names.map { $0.1 + ": not requested" }
}
