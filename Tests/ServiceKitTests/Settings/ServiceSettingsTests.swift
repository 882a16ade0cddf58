import AMQP
import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

struct ServiceSettingsTests {
    private func settings(_ environment: [String: String], for service: ServiceName = .match) throws -> ServiceSettings
    {
        try ServiceSettings(Settings(environment: environment), for: service)
    }

    @Test func `Without settings, the defaults of the contract apply`() throws {
        let settings = try settings([:])
        #expect(settings.downloadsDir.path == "/data/downloads")
        #expect(settings.musicDir.path == "/data/music")
        #expect(settings.stateDir.path == "/data/downloads/.harmony")
        #expect(settings.httpHost == "127.0.0.1")
        #expect(settings.queueType == .classic)
        #expect(settings.brokers.map(\.description) == ["127.0.0.1:5672 vhost /"])
        #expect(settings.brokers.first?.user == "guest")
        #expect(settings.heartbeat == .seconds(10))
        #expect(settings.logLevel == .info)
        #expect(settings.logFormat == .json)
        #expect(settings.shutdownGrace == .seconds(20))
        #expect(settings.tls == TLSConfiguration())
        let timeouts = Stage.allCases.map { settings[$0].visibilityTimeout }
        #expect(timeouts == [.seconds(120), .seconds(900), .seconds(300), .seconds(600)])
        for stage in Stage.allCases {
            #expect(settings[stage].concurrency == (stage == .download ? 16 : 4))
            #expect(settings[stage].retry == RetryPolicy(maxAttempts: 5, base: .seconds(5), jitter: 0.2))
        }
    }

    @Test(arguments: ServiceName.allCases)
    func `Each service has its default port and its own setting`(_ service: ServiceName) throws {
        #expect(try settings([:], for: service).httpPort == service.defaultPort)
        let both = ["APP_PORT": "1000", "HDM_HTTP_PORT": "2000"]
        #expect(try settings(both, for: service).httpPort == (service == .gateway ? 1000 : 2000))
    }

    @Test func `The state folder lies in the downloads folder unless it is set`() throws {
        #expect(try settings(["DOWNLOADS_DIR": "/d"]).stateDir.path == "/d/.harmony")
        #expect(try settings(["DOWNLOADS_DIR": "/d", "HDM_STATE_DIR": "/s"]).stateDir.path == "/s")
    }

    @Test func `Several brokers are the nodes of a cluster`() throws {
        let settings = try settings(["HDM_AMQP_URL": "amqp://u:p@a/v, amqps://u:p@b:5673/v,amqp://c"])
        #expect(settings.brokers.map(\.host) == ["a", "b", "c"])
        #expect(settings.brokers.map(\.port) == [5672, 5673, 5672])
        #expect(settings.brokers.map(\.vhost) == ["v", "v", "/"])
        #expect(settings.brokers.map(\.usesTLS) == [false, true, false])
    }

    @Test func `The broker's address can be in a file`() async throws {
        try await withTemporaryFolder { folder in
            try Data("amqp://u:p@from-file/v\n".utf8).write(to: folder.file("url"))
            #expect(try settings(["HDM_AMQP_URL_FILE": folder.path("url")]).brokers.map(\.host) == ["from-file"])
        }
    }

    @Test func `A stage's own settings override the common ones`() throws {
        let settings = try settings([
            "WORKER_CONCURRENCY": "8", "HDM_CONCURRENCY_DOWNLOAD": "2", "HDM_VISIBILITY_TIMEOUT_TAG_S": "30",
            "RETRY_MAX_ATTEMPTS": "3", "RETRY_BASE_SECONDS": "10", "RETRY_JITTER_PCT": "50",
            "RETRY_MOVE_MAX_ATTEMPTS": "9", "RETRY_MOVE_BASE_SECONDS": "0.5", "RETRY_MOVE_JITTER_PCT": "0",
        ])
        #expect(Stage.allCases.map { settings[$0].concurrency } == [8, 2, 8, 8])
        #expect(settings[.tag].visibilityTimeout == .seconds(30))
        #expect(settings[.match].retry == RetryPolicy(maxAttempts: 3, base: .seconds(10), jitter: 0.5))
        #expect(settings[.move].retry == RetryPolicy(maxAttempts: 9, base: .milliseconds(500), jitter: 0))
    }

    @Test(arguments: [("20", 0.2), ("100", 1), ("1", 1), ("0.3", 0.3), ("0", 0)])
    func `Jitter is given in per cent, or as a share up to one`(_ text: String, _ share: Double) throws {
        #expect(try settings(["RETRY_JITTER_PCT": text])[.match].retry.jitter == share)
    }

    @Test(arguments: [
        ("HDM_VISIBILITY_TIMEOUT_MATCH_S", "4"), ("HDM_VISIBILITY_TIMEOUT_DOWNLOAD_S", "1501"),
        ("WORKER_CONCURRENCY", "0"), ("HDM_CONCURRENCY_MOVE", "1001"), ("HDM_CONCURRENCY_TAG", "many"),
        ("RETRY_MAX_ATTEMPTS", "0"), ("RETRY_DOWNLOAD_MAX_ATTEMPTS", "101"), ("RETRY_BASE_SECONDS", "-1"),
        ("RETRY_TAG_BASE_SECONDS", "21601"), ("RETRY_JITTER_PCT", "101"), ("RETRY_MOVE_JITTER_PCT", "x"),
        ("HDM_HTTP_PORT", "65536"), ("HDM_QUEUE_TYPE", "stream"), ("HDM_AMQP_HEARTBEAT_S", "0"),
        ("HARMONY_LOG_LEVEL", "loud"), ("HDM_LOG_FORMAT", "xml"), ("HDM_SHUTDOWN_GRACE_S", "0"),
        ("HDM_AMQP_URL", "host:5672"),
    ])
    func `An invalid value stops the start and is named`(_ name: String, _ value: String) {
        let failure = #expect(throws: SettingsError.self) { try settings([name: value]) }
        #expect(failure?.name == name)
        #expect(failure?.description.hasPrefix("\(name) ") == true)
    }

    @Test func `The limits of the visibility timeout are valid`() throws {
        #expect(try settings(["HDM_VISIBILITY_TIMEOUT_MATCH_S": "5"])[.match].visibilityTimeout == .seconds(5))
        #expect(try settings(["HDM_VISIBILITY_TIMEOUT_MATCH_S": "1500"])[.match].visibilityTimeout == .seconds(1500))
    }
}
