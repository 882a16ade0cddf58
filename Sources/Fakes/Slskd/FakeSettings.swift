public import Foundation

/// How a stand-in is set up.
public struct FakeSettings: Sendable {
    public var version: FakeVersion = .v0_26
    public var apiKey = "stand-in-key-0123456789"
    /// A prefix of all paths, such as `/slskd`; empty for none.
    public var urlBase = ""
    public var host = "127.0.0.1"
    /// 0 takes a free port, which stays the same over restarts.
    public var port = 0
    /// Finished files, in one folder for each of the peers' folders.
    public var downloads: URL
    /// Files that are still received.
    public var incomplete: URL
    public var timing = FakeTiming()
    /// How many downloads slskd runs at once; more wait in `Queued, Locally`.
    public var downloadSlots = 500
    /// Attempts for each transfer, from 0.26 on.
    public var attempts = 3
    /// slskd's `flags.volatile`: a restart forgets everything.
    public var isVolatile = false

    /// Puts `downloads` and `incomplete` into one folder.
    public init(folder: URL) {
        downloads = folder.appending(path: "downloads")
        incomplete = folder.appending(path: "incomplete")
    }
}
