import AudioSources
import Fakes
import Foundation

/// A fake of slskd with one peer that shares one file.
struct SlskdFixture: SourceFixture {
    static let registration = SourceRegistration.slskd

    private static let file = SlskdSharedFile.some(#"@@abcde\Music\Band\Album\01 Song.flac"#, size: 4_000_000)

    let fixture: FakeSlskdFixture
    let content: Data

    static func run(_ test: (SlskdFixture) async throws -> Void) async throws {
        var peer = SlskdPeer("anna", files: [file])
        // Two seconds at the twentyfold speed of the fake, so that the poller sees the transfer running.
        peer.speed = 100_000
        try await withFake([peer]) { fake in
            try await test(SlskdFixture(fixture: fake, content: try file.content.data()))
        }
    }

    var folder: URL { fixture.folder }

    var settings: [String: String] {
        [
            "SLSKD_BASE_URL": fixture.fake.baseURL, "SLSKD_API_KEY": fixture.fake.settings.apiKey,
            "SLSKD_DOWNLOADS_DIR": fixture.fake.settings.downloads.filePath,
        ]
    }

    var orders: Int? { fixture.fake.enqueues(of: Self.file.path) }

    func disconnect() { fixture.fake.loseNetwork(for: .seconds(600)) }

    func leftovers() async throws -> [String] {
        let transfers = fixture.fake.transfers.filter { !$0.removed }.map(\.filename)
        return fixture.downloaded + transfers + fixture.fake.openSearches.map { "search \($0)" }
    }
}
