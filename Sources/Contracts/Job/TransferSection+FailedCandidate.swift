extension TransferSection {
    /// A candidate that could not be fetched, or was fetched in vain.
    public struct FailedCandidate: Codable, Sendable, Equatable {
        public var user: String?
        public var key: CandidateKey
        /// Why, in a word, such as `refused`.
        public var code: String
        /// The round in which it was given up; absent in documents of earlier versions.
        public var round: Int?

        public init(user: String?, key: CandidateKey, code: String, round: Int? = nil) {
            self.user = user
            self.key = key
            self.code = code
            self.round = round
        }

        /// The file came, and was not what it was offered as: it is never fetched again for the track.
        public var isFalse: Bool { Self.falseCodes.contains(code) }

        private static let falseCodes: Set = [
            ErrorCode.verificationFailed.rawValue, ErrorCode.unsupportedFormat.rawValue,
        ]

        func isOf(_ user: String?, _ key: CandidateKey) -> Bool { self.user == user && self.key == key }
    }

    /// Notes that a candidate is given up in the present round, in place of what was noted of it before.
    public mutating func giveUp(_ user: String?, _ key: CandidateKey, _ code: String) {
        failedCandidates.removeAll { $0.isOf(user, key) }
        failedCandidates.append(FailedCandidate(user: user, key: key, code: code, round: round))
        while failedCandidates.count > Self.mostFailedCandidates {
            failedCandidates.remove(at: failedCandidates.firstIndex { !$0.isFalse } ?? failedCandidates.startIndex)
        }
    }

    /// What was noted of a candidate that was given up.
    public func note(on user: String?, _ key: CandidateKey) -> FailedCandidate? {
        failedCandidates.first { $0.isOf(user, key) }
    }

    /// The files that came and were not what they were offered as.
    public var mislabelledFiles: [FailedCandidate] { failedCandidates.filter(\.isFalse) }

    /// Whether this is the candidate that is being fetched, or was fetched last. Names are compared by bytes.
    public func isAbout(_ candidate: Candidate) -> Bool {
        path.map { $0.utf8.elementsEqual(candidate.path.utf8) } == true && user == candidate.user
            && size == candidate.size
    }
}

extension JobDocument {
    /// The candidate whose file was fetched last, where it has a peer: the one that the transfer tells, else the first
    /// of the same peer and size.
    public var fetchedFromPeer: Candidate? {
        guard let download, let user = download.user, let candidates = match?.candidates else { return nil }
        let possible = candidates.filter {
            $0.source == download.source && $0.user == user && $0.size == download.size
        }
        return possible.first { transfer?.isAbout($0) == true } ?? possible.first
    }
}
