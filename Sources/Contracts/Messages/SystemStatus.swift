/// The status of a running service, its heartbeat. Every process publishes it on `hdm.events` under ``routingKey``
/// every ``interval``.
///
/// The messages are transient and can be lost. A process of which nothing was received for ``lifetime`` is gone, or
/// cannot reach the broker.
public struct SystemStatus: Codable, Sendable, Equatable {
    /// The value of `schema` in statuses of this version.
    public static let schema = "hdm.system/1"
    /// The pause between two statuses of a process.
    public static let interval: Duration = .seconds(10)
    /// How long a status is valid: two that follow it may be lost.
    public static let lifetime: Duration = .seconds(35)

    /// The result of a readiness check.
    public struct Check: Codable, Sendable, Equatable {
        public var name: String
        public var ok: Bool
        /// Why the check failed, or what it noticed.
        public var reason: String?

        public init(_ name: String, ok: Bool, reason: String? = nil) {
            self.name = name
            self.ok = ok
            self.reason = reason
        }
    }

    public var service: ServiceName
    /// The process, such as `download-nas-815`.
    public var instance: String
    public var at: Timestamp
    public var startedAt: Timestamp
    /// The version of the program.
    public var version: String
    /// Whether all checks pass. A service consumes nothing while one fails.
    public var ready: Bool
    public var checks: [Check]
    /// The stage that the process works for; `nil` if it is no stage.
    public var stage: Stage?
    /// How many jobs the process works on at most.
    public var concurrency: Int?
    /// How many jobs the process works on.
    public var running: Int
    /// How many deliveries of each queue the process holds, whether it works on them or not.
    public var held: [String: Int]
    /// Whether a person has paused the service.
    public var paused: Bool
    /// The members that this version does not know.
    public var unknown: UnknownFields = [:]

    public init(
        service: ServiceName, instance: String, startedAt: Timestamp, version: String, ready: Bool,
        checks: [Check] = [], stage: Stage? = nil, concurrency: Int? = nil, running: Int = 0, held: [String: Int] = [:],
        paused: Bool = false, at: Timestamp = .now
    ) {
        self.service = service
        self.instance = instance
        self.at = at
        self.startedAt = startedAt
        self.version = version
        self.ready = ready
        self.checks = checks
        self.stage = stage
        self.concurrency = concurrency
        self.running = running
        self.held = held
        self.paused = paused
    }

    /// The routing key on `hdm.events`.
    public var routingKey: String { "system.\(service.rawValue).status" }
}

// MARK: - JSON

extension SystemStatus {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case schema, service, instance, at, version, ready, checks, stage, concurrency, running, held, paused
        case startedAt = "started_at"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        try fields.requireSchema(Self.schema, forKey: .schema)
        service = try fields.decode(ServiceName.self, forKey: .service)
        instance = try fields.decode(String.self, forKey: .instance)
        at = try fields.decode(Timestamp.self, forKey: .at)
        startedAt = try fields.decode(Timestamp.self, forKey: .startedAt)
        version = try fields.decode(String.self, forKey: .version)
        ready = try fields.decode(Bool.self, forKey: .ready)
        checks = try fields.decode([Check].self, forKey: .checks)
        stage = try fields.decodeIfPresent(Stage.self, forKey: .stage)
        concurrency = try fields.decodeWholeIfPresent(forKey: .concurrency, in: 0...Limits.count)
        running = try fields.decodeWhole(forKey: .running, in: 0...Limits.count)
        held = try fields.decodeCounts(forKey: .held)
        paused = try fields.decode(Bool.self, forKey: .paused)
        unknown = try decoder.unknownFields(beside: CodingKeys.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(Self.schema, forKey: .schema)
        try fields.encode(service, forKey: .service)
        try fields.encode(instance, forKey: .instance)
        try fields.encode(at, forKey: .at)
        try fields.encode(startedAt, forKey: .startedAt)
        try fields.encode(version, forKey: .version)
        try fields.encode(ready, forKey: .ready)
        try fields.encode(checks, forKey: .checks)
        try fields.encodeIfPresent(stage, forKey: .stage)
        try fields.encodeIfPresent(concurrency, forKey: .concurrency)
        try fields.encode(running, forKey: .running)
        try fields.encode(held, forKey: .held)
        try fields.encode(paused, forKey: .paused)
        try encoder.encode(unknown: unknown)
    }
}
