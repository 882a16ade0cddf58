public import AMQP
public import Contracts
public import Foundation
public import Logging

/// The settings that all services share.
public struct ServiceSettings: Sendable {
    /// The folder of files in progress. `DOWNLOADS_DIR`, default `/data/downloads`.
    public var downloadsDir: URL
    /// The library. `MUSIC_DIR`, default `/data/music`.
    public var musicDir: URL
    /// The folder of the services' databases. `HDM_STATE_DIR`, default `<DOWNLOADS_DIR>/.harmony`.
    public var stateDir: URL
    /// The address to listen on. `HDM_HTTP_HOST`, default `127.0.0.1`; others need API keys, `HDM_OPEN` or
    /// `HDM_PUBLISHED_ON`.
    public var httpHost: String
    /// `APP_PORT` (gateway) or `HDM_HTTP_PORT` (the others).
    public var httpPort: Int
    /// `HDM_QUEUE_TYPE`, `classic` or `quorum`.
    public var queueType: QueueType
    /// `HDM_AMQP_URL`: one address, or several nodes of a cluster separated by commas.
    public var brokers: [BrokerAddress]
    /// `HDM_AMQP_CA_FILE`, `HDM_AMQP_CERTIFICATE_FILE`, `HDM_AMQP_KEY_FILE`.
    public var tls: TLSConfiguration
    /// `HDM_AMQP_HEARTBEAT_S`, default 10.
    public var heartbeat: Duration
    /// `HARMONY_LOG_LEVEL`, default `info`.
    public var logLevel: Logger.Level
    /// `HDM_LOG_FORMAT`, default `json`.
    public var logFormat: LogFormat
    /// How long running jobs may continue after SIGTERM. `HDM_SHUTDOWN_GRACE_S`, default 20.
    public var shutdownGrace: Duration
    /// The longest time that a delivery is held. It must be shorter than the broker's `consumer_timeout`, after which the
    /// broker closes the channel. `HDM_BROKER_ACK_LIMIT_S`, default 1200.
    public var holdLimit: Duration
    /// How often the check of a volume writes to it without a reason. `HDM_VOLUME_PROBE_S`, default 600.
    public var volumeProbe: Duration
    public var stages: [Stage: StageSettings]
    /// `HDM_STANDING_FIRST_S`, `HDM_STANDING_MAX_S`.
    public var monitored: MonitoredJobPolicy

    /// - Throws: ``SettingsError`` for the first invalid value.
    public init(_ settings: Settings, for service: ServiceName) throws(SettingsError) {
        downloadsDir = URL(filePath: settings.text("DOWNLOADS_DIR", default: "/data/downloads"))
        musicDir = URL(filePath: settings.text("MUSIC_DIR", default: "/data/music"))
        stateDir = settings.text("HDM_STATE_DIR").map { URL(filePath: $0) } ?? downloadsDir.appending(path: ".harmony")
        httpHost = settings.text("HDM_HTTP_HOST", default: "127.0.0.1")
        try ListenPolicy.check(httpHost, settings)
        httpPort = try settings.integer(
            service == .gateway ? "APP_PORT" : "HDM_HTTP_PORT", default: service.defaultPort, in: 0...65_535)
        queueType = try settings.choice("HDM_QUEUE_TYPE", default: .classic)
        brokers = try Self.brokers(settings)
        tls = TLSConfiguration()
        tls.caFile = settings.text("HDM_AMQP_CA_FILE", default: tls.caFile)
        tls.certificateFile = settings.text("HDM_AMQP_CERTIFICATE_FILE")
        tls.keyFile = settings.text("HDM_AMQP_KEY_FILE")
        heartbeat = try settings.seconds("HDM_AMQP_HEARTBEAT_S", default: .seconds(10), in: 1...60)
        logLevel = try settings.choice("HARMONY_LOG_LEVEL", default: .info)
        logFormat = try settings.choice("HDM_LOG_FORMAT", default: .json)
        shutdownGrace = try settings.seconds("HDM_SHUTDOWN_GRACE_S", default: .seconds(20), in: 1...600)
        holdLimit = try settings.seconds("HDM_BROKER_ACK_LIMIT_S", default: .seconds(1200), in: 5...86_400)
        volumeProbe = try settings.seconds("HDM_VOLUME_PROBE_S", default: VolumeCheck.interval, in: 1...86_400)
        monitored = try MonitoredJobPolicy(settings)
        stages = [:]
        for stage in Stage.allCases { stages[stage] = try StageSettings(settings, for: stage) }
    }

    private static func brokers(_ settings: Settings) throws(SettingsError) -> [BrokerAddress] {
        let text = try settings.secret("HDM_AMQP_URL") ?? "amqp://guest:guest@127.0.0.1:5672/%2f"
        do {
            return try BrokerAddress.list(text)
        } catch {
            throw SettingsError("HDM_AMQP_URL", error.message)
        }
    }
}

/// The settings of one stage's worker.
public struct StageSettings: Sendable {
    /// The number of jobs that run at the same time. `HDM_CONCURRENCY_<STAGE>`, else `WORKER_CONCURRENCY`, default 4, and
    /// 16 for downloads, which mostly wait for peers.
    public var concurrency: Int
    /// How long a job may run without progress before it is cancelled. `HDM_VISIBILITY_TIMEOUT_<STAGE>_S`.
    public var visibilityTimeout: Duration
    public var retry: RetryPolicy

    public init(
        concurrency: Int = 4, visibilityTimeout: Duration = .seconds(300), retry: RetryPolicy = RetryPolicy()
    ) {
        self.concurrency = concurrency
        self.visibilityTimeout = visibilityTimeout
        self.retry = retry
    }

    init(_ settings: Settings, for stage: Stage) throws(SettingsError) {
        let word = stage.rawValue.uppercased()
        let common = try settings.integer("WORKER_CONCURRENCY", default: stage == .download ? 16 : 4, in: 1...1000)
        concurrency = try settings.integer("HDM_CONCURRENCY_\(word)", default: common, in: 1...1000)
        // The broker closes the channel of a delivery that is unacknowledged for 30 minutes.
        visibilityTimeout = try settings.seconds(
            "HDM_VISIBILITY_TIMEOUT_\(word)_S", default: Self.defaultTimeout(stage), in: 5...1500)
        retry = try RetryPolicy(settings, for: stage)
    }

    private static func defaultTimeout(_ stage: Stage) -> Duration {
        switch stage {
        case .match: .seconds(120)
        case .download: .seconds(900)
        case .tag: .seconds(300)
        case .move: .seconds(600)
        }
    }
}
