/// What kinds of version a name says it is. Two recordings with different marks are different recordings.
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
    /// Remixes that go by a name of their own: a dub of somebody is not that person's remix.
    static let rework = Self(rawValue: 1 << 15)

    /// The kinds that whole folders are of; the others stand beside single titles.
    static let telling: Self = [
        .live, .karaoke, .cover, .session, .instrumental, .acoustic, .demo, .tempo, .clean, .outtake,
    ]

    private static let names: [(Self, String)] = [
        (.live, "live"), (.remix, "remix"), (.edit, "edit"), (.extended, "extended"), (.acoustic, "acoustic"),
        (.instrumental, "instrumental"), (.karaoke, "karaoke"), (.demo, "demo"), (.session, "session"),
        (.cover, "cover"), (.reprise, "reprise"), (.clean, "clean"), (.tempo, "tempo"), (.alternate, "alternate take"),
        (.outtake, "outtake"), (.rework, "rework"),
    ]

    /// For a person: `acoustic, live: not asked for`.
    var objection: String {
        if rawValue.nonzeroBitCount == 1 { return Self.objections[rawValue.trailingZeroBitCount] }
        return Self.names.filter { contains($0.0) }.map(\.1).joined(separator: ", ") + ": not asked for"
    }

    /// For the marks one by one.
    private static let objections = names.map { $0.1 + ": not asked for" }
}
