extension JobEvent {
    /// An event without sections and document.
    struct Plain: Codable {
        var event: JobEvent

        init(event: JobEvent) { self.event = event }

        init(from decoder: any Decoder) throws { event = try JobEvent(fieldsFrom: decoder) }

        func encode(to encoder: any Encoder) throws { try event.encodeFields(to: encoder, data: event.data) }
    }

    private init(fieldsFrom decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        try fields.requireSchema(Self.schema, forKey: .schema)
        eventID = try fields.decode(String.self, forKey: .eventID)
        event = try fields.decode(String.self, forKey: .event)
        jobID = try fields.decode(JobID.self, forKey: .jobID)
        batchID = try fields.decodeIfPresent(String.self, forKey: .batchID)
        kind = try fields.decode(JobKind.self, forKey: .kind)
        stage = try fields.decode(Stage.self, forKey: .stage)
        state = try fields.decode(JobState.self, forKey: .state)
        sequence = try fields.decodeWhole(forKey: .sequence, in: 0...Self.lastSequence)
        attempt = try fields.decodeWhole(forKey: .attempt, in: 1...Limits.count)
        at = try fields.decode(Timestamp.self, forKey: .at)
        worker = try fields.decode(String.self, forKey: .worker)
        dedupeKey = try fields.decode(String.self, forKey: .dedupeKey)
        artist = try fields.decode(String.self, forKey: .artist)
        title = try fields.decode(String.self, forKey: .title)
        notBefore = try fields.decodeIfPresent(Timestamp.self, forKey: .notBefore)
        code = try fields.decodeIfPresent(ErrorCode.self, forKey: .code)
        message = try fields.decodeIfPresent(String.self, forKey: .message)
        data = try fields.decodeIfPresent([String: JSONValue].self, forKey: .data)
    }

    private func encodeFields(to encoder: any Encoder, data: [String: JSONValue]?) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(schema, forKey: .schema)
        try fields.encode(eventID, forKey: .eventID)
        try fields.encode(event, forKey: .event)
        try fields.encode(jobID, forKey: .jobID)
        try fields.encodeIfPresent(batchID, forKey: .batchID)
        try fields.encode(kind, forKey: .kind)
        try fields.encode(stage, forKey: .stage)
        try fields.encode(state, forKey: .state)
        try fields.encode(sequence, forKey: .sequence)
        try fields.encode(attempt, forKey: .attempt)
        try fields.encode(at, forKey: .at)
        try fields.encode(worker, forKey: .worker)
        try fields.encode(dedupeKey, forKey: .dedupeKey)
        try fields.encode(artist, forKey: .artist)
        try fields.encode(title, forKey: .title)
        try fields.encodeIfPresent(notBefore, forKey: .notBefore)
        try fields.encodeIfPresent(code, forKey: .code)
        try fields.encodeIfPresent(message, forKey: .message)
        try fields.encodeIfPresent(data, forKey: .data)
    }
}

// MARK: - Other coders

extension JobEvent: Codable {
    public init(from decoder: any Decoder) throws {
        try self.init(fieldsFrom: decoder)
        document = try data?.removeValue(forKey: "document").map { try ContractCoding.encode($0, sorted: true) }
        guard case .object(let values)? = data?.removeValue(forKey: "sections") else { return }
        for (name, value) in values {
            guard let section = JobSection(rawValue: name) else { continue }
            sections[section] = try ContractCoding.encode(value, sorted: true)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var data = data ?? [:]
        if let document { data["document"] = try ContractCoding.decode(JSONValue.self, from: document) }
        if !sections.isEmpty {
            let values = try sections.map {
                ($0.key.rawValue, try ContractCoding.decode(JSONValue.self, from: $0.value))
            }
            data["sections"] = .object(Dictionary(values) { first, _ in first })
        }
        try encodeFields(to: encoder, data: data.isEmpty ? self.data : data)
    }
}
