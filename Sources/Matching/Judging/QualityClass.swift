/// The quality classes of audio.
public enum QualityClass: String, Sendable, Codable, CaseIterable {
    case lossless16, lossless24, lossyNearTransparent, variableHigh, lossyHigh, lossyFair
}
