extension MatchProfile {
    /// Returns whether a found file should replace a present file of the same recording.
    ///
    /// The order of qualities is that of the choice between offers. A present file of class ``upgradeUntil`` or better
    /// is not replaced.
    public func isUpgrade(_ found: QualityClass, over present: QualityClass) -> Bool {
        guard let rank = qualities.firstIndex(of: found) else { return false }
        let presentRank = qualities.firstIndex(of: present) ?? qualities.count
        if let upgradeUntil, let enough = qualities.firstIndex(of: upgradeUntil), presentRank <= enough { return false }
        return rank < presentRank
    }
}
