import Contracts
import Foundation
import Fakes
import TestSupport
import Testing

/// What people see who try HDM without an account.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct SlskdDemoTests {
    @Test func `what the stand-in's peers share by themselves comes into the library, with no setting but the address`()
        async throws
    {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                let shared = try folder.folder("shared")
                try AudioFixture.writeDemoCollection(to: shared)
                let peers = SlskdPeer.crowd(sharing: try SlskdSharedFile.tree(shared))
                var settings = FakeSettings(folder: folder.url)
                settings.timing = FakeTiming(speedUp: 10)
                try await FakeSlskd.running(settings, peers: peers) { fake in
                    try await ServiceStack.run(brokerURL: vhost.url, settings: Self.environment(fake)) { stack in
                        try await stack.start()
                        try await stack.waitUntilReady()
                        // As people ask: with the names. Without the album's, they would be asked whether it is the one.
                        let items = AudioFixture.demoTracks.map {
                            SubmissionItem(track: Track(artist: $0.artist, title: $0.title, album: $0.album))
                        }
                        let answer = try await stack.submit(Submission(items: items))
                        let states = try await stack.waitForEnd(of: answer, timeout: .seconds(120))
                        #expect(states == items.map { _ in "completed" })
                        #expect(Library(root: stack.music).paths.count == items.count)
                    }
                }
            }
        }
    }

    private static func environment(_ fake: FakeSlskd) -> [String: String] {
        [
            "HDM_SOURCES": "folder,slskd", "SLSKD_BASE_URL": fake.baseURL,
            "SLSKD_API_KEY": fake.settings.apiKey, "SLSKD_DOWNLOADS_DIR": fake.settings.downloads.path,
        ]
    }
}
