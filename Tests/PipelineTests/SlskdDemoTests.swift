import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// The demo: HDM with a fake slskd and without an account.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct SlskdDemoTests {
    @Test func `the demo collection of the fake's peers enters the library with default settings`()
        async throws
    {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                let shared = try folder.folder("shared")
                try AudioFixture.writeDemoCollection(to: shared)
                let peers = SlskdPeer.samples(sharing: try SlskdSharedFile.tree(shared))
                var settings = FakeSettings(folder: folder.url)
                settings.timing = FakeTiming(speedUp: 10)
                try await FakeSlskd.running(settings, peers: peers) { fake in
                    try await ServiceStack.run(brokerURL: vhost.url, settings: Self.environment(fake)) { stack in
                        try await stack.start()
                        try await stack.waitUntilReady()
                        // Without the album the matches would need a review.
                        let items = AudioFixture.demoTracks.map {
                            SubmissionItem(track: Track(artist: $0.artist, title: $0.title, album: $0.album))
                        }
                        let response = try await stack.submit(Submission(items: items))
                        let states = try await stack.waitForEnd(of: response, timeout: .seconds(120))
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
