/// The members of an event's data that every service reads in the same way.
extension JobEvent {
    /// Why a job waits. Events ``Name/waiting`` and ``Name/retry`` carry it as `data.wait`; ``JobEvent/notBefore`` says
    /// until when.
    public struct Wait: Codable, Sendable, Equatable {
        /// Later versions may add reasons.
        public struct Reason: RawRepresentable, Codable, Sendable, Hashable {
            public let rawValue: String

            public init(rawValue: String) { self.rawValue = rawValue }

            /// All requests of a provider's budget are used.
            public static let budgetSpent = Reason(rawValue: "budget_spent")
            /// The pause between two requests to a provider has not passed.
            public static let providerBusy = Reason(rawValue: "provider_busy")
            /// A provider accepts no requests for a time.
            public static let providerBlocked = Reason(rawValue: "provider_blocked")
            /// A source does not respond.
            public static let sourceAway = Reason(rawValue: "source_away")
            /// A person has to sign in at the provider.
            public static let signInNeeded = Reason(rawValue: "sign_in_needed")
            /// The job has no title, and no catalogue is configured that could resolve it.
            public static let catalogueMissing = Reason(rawValue: "catalogue_missing")
            /// The transfer is in the peer's queue.
            public static let peerQueue = Reason(rawValue: "peer_queue")
            /// The transfer is in the queue of the source.
            public static let sourceQueue = Reason(rawValue: "source_queue")
            /// As many transfers run as the limits permit.
            public static let transferLimit = Reason(rawValue: "transfer_limit")
            /// Another job fetches, tags or moves the same file.
            public static let fileBusy = Reason(rawValue: "file_busy")
            /// Another job has the same recording.
            public static let sameRecording = Reason(rawValue: "same_recording")
            /// The work goes on elsewhere, and the job returns to follow it.
            public static let handedBack = Reason(rawValue: "handed_back")
            /// An attempt failed and another one is scheduled.
            public static let retry = Reason(rawValue: "retry")
            /// A monitored job is searched for again later.
            public static let standing = Reason(rawValue: "standing")
        }

        public var reason: Reason
        /// The provider or source whose answer or permit the job waits for.
        public var provider: String?
        public var peer: String?
        /// The place in a queue, as its owner counts.
        public var place: Int?
        /// The number of requests or transfers that is permitted.
        public var limit: Int?

        public init(
            _ reason: Reason, provider: String? = nil, peer: String? = nil, place: Int? = nil, limit: Int? = nil
        ) {
            self.reason = reason
            self.provider = provider
            self.peer = peer
            self.place = place
            self.limit = limit
        }
    }

    /// Why the job waits: `data.wait`; `nil` also if it cannot be read.
    public var wait: Wait? {
        get { value("wait") }
        set { set("wait", newValue) }
    }

    /// Whether no message of the job exists any more that could be requeued: `data.message_lost` of a dead letter. The
    /// gateway restarts such a job from its document.
    public var isMessageLost: Bool {
        get { value("message_lost") ?? false }
        set { set("message_lost", newValue ? true : nil) }
    }

    /// When the stage began to work on the job: `data.began` of the event that ends the stage.
    public var began: Timestamp? {
        get { value("began") }
        set { set("began", newValue) }
    }

    /// The written sections that are too large for the event: `data.sections_omitted`.
    public var omittedSections: [JobSection] {
        get { value("sections_omitted", LenientList<JobSection>.self)?.elements ?? [] }
        set { set("sections_omitted", newValue.isEmpty ? nil : newValue) }
    }

    private func value<Value: Decodable>(_ name: String, _ type: Value.Type = Value.self) -> Value? {
        guard let value = data?[name], let json = try? ContractCoding.encode(value) else { return nil }
        return try? ContractCoding.decode(type, from: json)
    }

    private mutating func set(_ name: String, _ value: (some Encodable)?) {
        let json = value.flatMap { try? JSONValue(encoding: $0) }
        data = (data ?? [:]).filter { $0.key != name }
        if let json { data?[name] = json }
        if data?.isEmpty == true { data = nil }
    }
}
