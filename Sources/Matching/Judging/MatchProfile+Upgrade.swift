extension MatchProfile {
    /// Whether a file that is found is worth replacing one of the same recording that is there.
    ///
    /// The order is the one by which files are chosen, so that what was chosen is never replaced by what would not have
    /// been. From ``upgradeUntil`` on, what is there is good enough.
    public func isUpgrade(_ found: QualityClass, over present: QualityClass) -> Bool {
        guard let rank = qualities.firstIndex(of: found) else { return false }
        let presentRank = qualities.firstIndex(of: present) ?? qualities.count
        if let upgradeUntil, let enough = qualities.firstIndex(of: upgradeUntil), presentRank <= enough { return false }
        return rank < presentRank
    }
}
