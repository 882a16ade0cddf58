extension TransferSection {
    /// A candidate that could not be fetched, or whose file was not the wanted recording.
    public struct FailedCandidate: Codable, Sendable, Equatable {
        public var user: String?
        public var key: CandidateKey
        /// The reason as a code, such as `refused`.
        public var code: String
        /// The pass through the candidates in which it failed; absent in documents of earlier versions.
        public var round: Int?
        /// In how many passes it failed; absent for one.
        public var tries: Int?

        public init(user: String?, key: CandidateKey, code: String, round: Int? = nil) {
            self.user = user
            self.key = key
            self.code = code
            self.round = round
        }

        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            user = try fields.decodeIfPresent(String.self, forKey: .user)
            key = try fields.decode(CandidateKey.self, forKey: .key)
            code = try fields.decode(String.self, forKey: .code)
            round = try fields.decodeWholeIfPresent(forKey: .round, in: 1...Limits.count)
            tries = try fields.decodeWholeIfPresent(forKey: .tries, in: 1...Limits.count)
        }

        /// Whether the file was fetched and is not the recording that it was offered as. It is not fetched again for
        /// the track.
        public var isMislabelled: Bool { Self.falseCodes.contains(code) }

        /// Whether the file was fetched and is another recording, as announced or not. It is not fetched again for the job.
        public var isWrongFile: Bool { isMislabelled || code == Self.otherDuration }

        /// The code of a file whose duration is not the wanted one, and of which its peer announced nothing else.
        public static let otherDuration = "other_duration"

        /// Whether the peer or its file caused the failure, and not this installation.
        public var isOfPeer: Bool { isWrongFile || Self.peerCodes.contains(code) }

        private static let peerCodes: Set = ["gone", "changed", "refused", "peer_away", "timed_out"]
        private static let falseCodes: Set = [
            ErrorCode.verificationFailed.rawValue, ErrorCode.unsupportedFormat.rawValue,
        ]

        /// Whether the record is that of a file of a peer.
        public func isOf(_ user: String?, _ key: CandidateKey) -> Bool { self.user == user && self.key == key }
    }

    /// Records that a candidate failed in the current pass. The record replaces an earlier one of the candidate.
    public mutating func recordFailure(_ user: String?, _ key: CandidateKey, _ code: String) {
        var failure = FailedCandidate(user: user, key: key, code: code, round: round)
        if let earlier = self.failure(of: user, key) {
            failure.tries = min((earlier.tries ?? 1) + 1, Int(Limits.count))
            failedCandidates.removeAll { $0.isOf(user, key) }
        }
        failedCandidates.append(failure)
        while failedCandidates.count > Self.maximumFailedCandidates {
            failedCandidates.remove(
                at: failedCandidates.firstIndex { !$0.isWrongFile } ?? failedCandidates.startIndex)
        }
    }

    /// Returns the record of a failed candidate.
    public func failure(of user: String?, _ key: CandidateKey) -> FailedCandidate? {
        failedCandidates.first { $0.isOf(user, key) }
    }

    /// Whether a candidate failed for the first time in the current pass, by its peer. Then a search can find others that
    /// were not tried. `false` after too many passes or records to tell.
    public var hasNewFailures: Bool {
        round <= Self.mostNewRounds && failedCandidates.count < Self.maximumFailedCandidates
            && failedCandidates.contains { $0.round == round && $0.tries == nil && $0.isOfPeer }
    }

    private static let mostNewRounds = 8

    /// The fetched files that are not the recording that they were offered as.
    public var mislabelledFiles: [FailedCandidate] { failedCandidates.filter(\.isMislabelled) }

    /// The fetched files that are other recordings.
    public var wrongFiles: [FailedCandidate] { failedCandidates.filter(\.isWrongFile) }

    /// Whether the section describes the transfer of `candidate`. Paths are compared byte by byte.
    public func describes(_ candidate: Candidate) -> Bool {
        path.map { $0.utf8.elementsEqual(candidate.path.utf8) } == true && user == candidate.user
            && size == candidate.size
    }
}

extension JobDocument {
    /// Whether a person approved the downloaded file for the track. Then neither its name nor its duration is doubted.
    public var isDownloadApproved: Bool {
        guard let download, let approved = verdicts?.approved, !approved.isEmpty else { return false }
        let file =
            fetchedFromPeer
            ?? match?.candidates.first {
                $0.source == download.source && $0.user == nil && $0.size == download.size
            }
        return file.map { approved.contains($0.key) } ?? false
    }

    /// The candidate whose file was fetched from a peer: that of the transfer section, otherwise the first one of the
    /// same peer and size; `nil` for sources without peers.
    public var fetchedFromPeer: Candidate? {
        guard let download, let user = download.user, let candidates = match?.candidates else { return nil }
        let possible = candidates.filter {
            $0.source == download.source && $0.user == user && $0.size == download.size
        }
        return possible.first { transfer?.describes($0) == true } ?? possible.first
    }
}
