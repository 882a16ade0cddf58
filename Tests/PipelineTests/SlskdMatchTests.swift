import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// The match service with slskd as a source.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct SlskdMatchTests {
    @Test func `a track that only a peer has is found with slskd, and a track of the user without it`() async throws {
        try await withSlskd { fake, stack in
            let own = try Collection(count: 1, in: stack.source)
            try await stack.start([.gateway, .match])
            try await stack.waitUntilReady([.gateway, .match])
            let tracks = [own.tracks[0], Self.wanted]
            let response = try await stack.submit(Submission(items: tracks.map { SubmissionItem(track: $0) }))
            let mine = try await match(of: response.items[0].jobID, stack)
            #expect(mine.best?["source"] == "folder")
            let peers = try await match(of: response.items[1].jobID, stack)
            #expect(peers["outcome"] == "accept", "\(peers["explanation"]?.stringValue ?? "")")
            let best = peers.best
            #expect(best?["source"] == "slskd")
            #expect(best?["user"] == "quayside")
            #expect(best?["path"]?.stringValue == Self.path)
            #expect(fake.openSearches.isEmpty)
            #expect(fake.log.requests(to: .startSearch).count == 1)
            #expect(try !stack.log(of: .match).contains(fake.settings.apiKey))
        }
    }

    @Test func `match is ready only while slskd is connected, and a job waits for it without using an attempt`()
        async throws
    {
        try await withSlskd { fake, stack in
            try await stack.start([.gateway, .match])
            try await stack.waitUntilReady([.gateway, .match])
            fake.loseNetwork()
            let reason = try await eventually("match is not ready") { () -> String? in
                let response = try await stack.request(.get, "/ready", at: .match)
                let report = try ContractCoding.decode(JSONValue.self, from: response.body)
                return report["checks"]?["source.slskd"]?["reason"]?.stringValue
            }
            #expect(reason.contains("not connected to the Soulseek network"))
            let response = try await stack.submit(Submission(items: [SubmissionItem(track: Self.wanted)]))
            fake.reconnect()
            #expect(try await match(of: response.items[0].jobID, stack)["outcome"] == "accept")
            let job = try await stack.job(response.items[0].jobID)
            #expect((job["data"] ?? job)["attempt"] == 1)
        }
    }

    @Test func `match does not start when the settings of slskd are missing`() async throws {
        try await withVhost { vhost in
            try await ServiceStack.run(brokerURL: vhost.url, settings: ["HDM_SOURCES": "folder,slskd"]) { stack in
                try await stack.start([.match])
                try await eventually("the log names the setting") {
                    try stack.log(of: .match).contains("SLSKD_BASE_URL")
                }
            }
        }
    }

    private static let path = #"@@quays\Music\Wren Calloway\Slack Water\03 - Ferry Bells.flac"#

    private static let wanted: Track = {
        var track = Track(artist: "Wren Calloway", title: "Ferry Bells")
        track.album = "Slack Water"
        track.durationMS = 241_000
        return track
    }()

    private func withSlskd(_ test: @Sendable @escaping (FakeSlskd, ServiceStack) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            var settings = FakeSettings(folder: folder.url)
            settings.timing = FakeTiming(speedUp: 10)
            let attributes = SlskdAttributes(bitDepth: 16, sampleRate: 44_100, length: 241)
            let content = SlskdContent.generated(seed: 1, size: 25_000_000)
            let file = try SlskdSharedFile(Self.path, content: content, attributes: attributes)
            try await FakeSlskd.running(settings, peers: [SlskdPeer("quayside", files: [file])]) { fake in
                let key = folder.file("slskd-key")
                try Data((fake.settings.apiKey + "\n").utf8).write(to: key)
                let environment = [
                    "HDM_SOURCES": "folder,slskd", "SLSKD_BASE_URL": fake.baseURL, "SLSKD_API_KEY_FILE": key.path,
                    "HDM_FOLDER_RECHECK_S": "60",
                ]
                try await withVhost { vhost in
                    try await ServiceStack.run(brokerURL: vhost.url, settings: environment) { stack in
                        try await test(fake, stack)
                    }
                }
            }
        }
    }

    /// Waits for the decision about a job's match and returns it.
    private func match(of job: JobID, _ stack: ServiceStack) async throws -> JSONValue {
        try await eventually("job \(job) is matched") {
            let response = try await stack.request(.get, "/api/v1/matches/\(job)")
            guard response.status == 200 else { return nil }
            return try ContractCoding.decode(JSONValue.self, from: response.body)
        }
    }
}

extension JSONValue {
    /// The first candidate of a match.
    fileprivate var best: JSONValue? {
        guard case .array(let candidates) = self["candidates"] else { return nil }
        return candidates.first
    }
}
