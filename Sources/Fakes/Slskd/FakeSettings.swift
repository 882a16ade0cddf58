public import Foundation

/// The settings of a ``FakeSlskd``.
public struct FakeSettings: Sendable {
    public var version: FakeVersion = .v0_26
    public var apiKey = "fake-slskd-key-0123456789"
    /// A prefix of all paths, such as `/slskd`; empty for none.
    public var urlBase = ""
    public var host = "127.0.0.1"
    /// 0 for a free port, which stays the same after a restart.
    public var port = 0
    /// The folder of finished files, with one subfolder for each folder of a peer.
    public var downloads: URL
    /// The folder of partial files.
    public var incomplete: URL
    public var timing = FakeTiming()
    /// The highest number of downloads at the same time. More downloads wait in `Queued, Locally`.
    public var downloadSlots = 500
    /// The number of attempts of a transfer, from version 0.26 on.
    public var attempts = 3
    /// The number of files that slskd itself shares.
    public var sharedFiles = 1200
    /// The setting `flags.volatile` of slskd: a restart deletes all records.
    public var isVolatile = false

    /// Places `downloads` and `incomplete` in one folder.
    public init(folder: URL) {
        downloads = folder.appending(path: "downloads")
        incomplete = folder.appending(path: "incomplete")
    }
}
